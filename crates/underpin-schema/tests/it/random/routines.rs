//! Random functions, procedures, aggregates; triggers, rules and policies that use them.

use super::Dice;
use std::collections::BTreeSet;
use underpin_schema::{
    Function, FunctionKind, Grantee, Policy, PolicyCommand, Privileges, QualifiedName, Rule,
    Schema, Signature, Trigger, WhenFired, quote_identifier,
};

pub(super) fn add_functions(dice: &mut Dice, schema: &mut Schema) {
    for _ in 0..dice.below(4) {
        let name = dice.name("function");
        let function = match dice.below(3) {
            0 => sql_function(name),
            1 => procedure(name),
            _ => aggregate(name),
        };
        add(dice, schema, function);
    }
    let trigger = trigger_function(dice.name("touch"));
    add(dice, schema, trigger);
}

fn add(dice: &mut Dice, schema: &mut Schema, mut function: Function) {
    function.comment = dice.comment();
    function.privileges = dice.denied("EXECUTE");
    schema.functions.insert(function);
}

fn function(name: QualifiedName, types: &str, kind: FunctionKind, language: &str) -> Function {
    Function {
        signature: Signature {
            name,
            arguments: types.to_owned(),
        },
        kind,
        arguments: String::new(),
        returns: None,
        language: language.to_owned(),
        definition: String::new(),
        comment: None,
        privileges: Privileges::default(),
    }
}

fn sql_function(name: QualifiedName) -> Function {
    let arguments = "a integer, b text DEFAULT 'x'::text";
    Function {
        definition: format!(
            "CREATE OR REPLACE FUNCTION {name}({arguments})\n RETURNS integer\n LANGUAGE sql\n IMMUTABLE STRICT\n\
             AS $function$SELECT a FROM not_there_yet$function$"
        ),
        arguments: arguments.to_owned(),
        returns: Some("integer".to_owned()),
        ..function(name, "integer, text", FunctionKind::Function, "sql")
    }
}

fn procedure(name: QualifiedName) -> Function {
    Function {
        definition: format!(
            "CREATE OR REPLACE PROCEDURE {name}(IN a integer)\n LANGUAGE plpgsql\nAS $procedure$BEGIN NULL; END$procedure$"
        ),
        arguments: "IN a integer".to_owned(),
        ..function(name, "integer", FunctionKind::Procedure, "plpgsql")
    }
}

fn aggregate(name: QualifiedName) -> Function {
    Function {
        definition: format!(
            "CREATE AGGREGATE {name}(integer) (\n    SFUNC = int4_sum,\n    STYPE = bigint,\n    INITCOND = '0'\n)"
        ),
        arguments: "integer".to_owned(),
        returns: Some("bigint".to_owned()),
        ..function(name, "integer", FunctionKind::Aggregate, "internal")
    }
}

fn trigger_function(name: QualifiedName) -> Function {
    Function {
        definition: format!(
            "CREATE OR REPLACE FUNCTION {name}()\n RETURNS trigger\n LANGUAGE plpgsql\nAS $function$BEGIN RETURN NEW; END$function$"
        ),
        returns: Some("trigger".to_owned()),
        ..function(name, "", FunctionKind::Function, "plpgsql")
    }
}

pub(super) fn add_to_tables(dice: &mut Dice, schema: &mut Schema) {
    let mut functions = schema.functions.iter().map(|it| &it.signature);
    let Some(touch) = functions.find(|it| it.arguments.is_empty()).cloned() else {
        return;
    };
    for table in schema
        .tables
        .iter_mut()
        .filter(|it| it.columns.get("n").is_some())
    {
        let name = table.name.clone();
        for _ in 0..dice.below(3) {
            let trigger = trigger(dice, &name, &touch);
            table.triggers.insert(trigger);
        }
        if dice.chance(0.2) {
            let rule = rule(dice, &name);
            table.rules.insert(rule);
        }
        for _ in 0..dice.below(3) {
            let policy = policy(dice);
            table.policies.insert(policy);
        }
    }
}

const FIRES: [WhenFired; 4] = [
    WhenFired::Origin,
    WhenFired::Always,
    WhenFired::Replica,
    WhenFired::Never,
];

fn trigger(dice: &mut Dice, table: &QualifiedName, touch: &Signature) -> Trigger {
    let events = [
        "BEFORE INSERT OR UPDATE",
        "AFTER DELETE",
        "BEFORE UPDATE OF n",
    ];
    let event = *dice.pick(&events);
    let when = if event == "BEFORE UPDATE OF n" && dice.chance(0.5) {
        "WHEN ((old.n IS DISTINCT FROM new.n)) "
    } else {
        ""
    };
    let name = dice.word("trigger");
    let quoted = quote_identifier(&name);
    Trigger {
        definition: format!(
            "CREATE TRIGGER {quoted} {event} ON {table} FOR EACH ROW {when}EXECUTE FUNCTION {touch}"
        ),
        name,
        function: touch.clone(),
        fires: *dice.pick(&FIRES),
        parts: Default::default(),
        comment: dice.comment(),
    }
}

fn rule(dice: &mut Dice, table: &QualifiedName) -> Rule {
    let name = dice.word("rule");
    let quoted = quote_identifier(&name);
    Rule {
        definition: format!("CREATE RULE {quoted} AS\n    ON DELETE TO {table} DO INSTEAD NOTHING"),
        name,
        fires: *dice.pick(&FIRES),
        comment: dice.comment(),
    }
}

fn policy(dice: &mut Dice) -> Policy {
    let commands = [
        PolicyCommand::All,
        PolicyCommand::Select,
        PolicyCommand::Insert,
        PolicyCommand::Update,
    ];
    let command = *dice.pick(&commands);
    let reads = command != PolicyCommand::Insert;
    let writes = command != PolicyCommand::Select;
    Policy {
        permissive: dice.chance(0.7),
        command,
        roles: BTreeSet::from([Grantee::Public]),
        using: reads.then(|| "(n > 0)".to_owned()),
        with_check: (writes && (!reads || dice.chance(0.5))).then(|| "(n > 1)".to_owned()),
        comment: dice.comment(),
        ..Policy::new(dice.word("policy"))
    }
}
