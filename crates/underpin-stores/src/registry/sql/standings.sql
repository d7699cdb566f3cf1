-- Of each server: the version that is the latest now, and the one that the rules would choose: the highest semantic
-- version or the newest other one, whichever was published later; deleted versions only when there is nothing else.
SELECT wanted.name, holder.version AS holder, holder.id AS holder_id,
       COALESCE(holder.deleted, false) AS holder_deleted, champion.version AS champion, champion.id AS champion_id,
       champion.deleted AS champion_deleted
FROM unnest($1::text[]) AS wanted (name)
LEFT JOIN LATERAL (
    SELECT stored.id, stored.version, stored.status = 'deleted' AS deleted
    FROM registry_server_versions AS stored
    WHERE stored.name = wanted.name
      AND stored.is_latest
) AS holder ON true
CROSS JOIN LATERAL (
    SELECT finalist.id, finalist.version, finalist.deleted
    FROM (
        (
            SELECT stored.id, stored.version, stored.status = 'deleted' AS deleted, stored.published_at,
                   stored.sequence
            FROM registry_server_versions AS stored
            WHERE stored.name = wanted.name
              AND stored.semantic_key IS NOT NULL
            ORDER BY stored.status = 'deleted', stored.semantic_key DESC
            LIMIT 1
        )
        UNION ALL
        (
            SELECT stored.id, stored.version, stored.status = 'deleted' AS deleted, stored.published_at,
                   stored.sequence
            FROM registry_server_versions AS stored
            WHERE stored.name = wanted.name
              AND stored.semantic_key IS NULL
            ORDER BY stored.status = 'deleted', stored.published_at DESC, stored.sequence DESC
            LIMIT 1
        )
    ) AS finalist
    ORDER BY finalist.deleted, finalist.published_at DESC, finalist.sequence DESC
    LIMIT 1
) AS champion
