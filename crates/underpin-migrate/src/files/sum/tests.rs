use super::*;

const A: &str = "20240501120000_a.up.sql";
const B: &str = "20240502120000_b.up.sql";

/// A folder of two migrations and a view, with its sum file.
fn summed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("temporary folder");
    fs::create_dir(folder.path().join("repeatable")).expect("folder");
    for file in [A, B, "repeatable/v.sql"] {
        fs::write(folder.path().join(file), "SELECT 1;\n").expect("file");
    }
    let summed = write_sum(folder.path()).expect("summed");
    assert_eq!((summed.files, summed.changes.len()), (3, 0));
    Chain::from_dir("app", folder.path()).expect("as it was summed");
    folder
}

/// The error of reading a folder whose sum file is this.
fn refused(change: impl FnOnce(&Path)) -> String {
    let folder = summed();
    change(folder.path());
    let error = Chain::from_dir("app", folder.path()).expect_err("another folder");
    assert_eq!(error.kind(), ErrorKind::HistoryConflict, "{error}");
    assert!(
        error
            .hint()
            .is_some_and(|it| it.contains("`underpin migrate sum`")),
        "{error}"
    );
    write_sum(folder.path()).expect("written anew");
    Chain::from_dir("app", folder.path()).expect("accepted");
    error.to_string()
}

#[test]
fn changed_removed_and_added_files_are_named() {
    let message = refused(|folder| {
        fs::write(folder.join(A), "SELECT 2;").expect("changed");
        fs::remove_file(folder.join("repeatable/v.sql")).expect("removed");
        fs::write(folder.join("20240502120000_b.down.sql"), "SELECT 1;").expect("added");
    });
    let list = "repeatable/v.sql was removed, 20240501120000_a.up.sql was changed, 20240502120000_b.down.sql was added";
    assert!(message.ends_with(list), "{message}");
}

#[test]
fn line_ends_comments_and_layout_are_free_also_those_of_the_sum_file() {
    let folder = summed();
    fs::write(
        folder.path().join(A),
        "\u{feff}-- once more\r\nselect\r\n  1",
    )
    .expect("changed");
    let path = folder.path().join(SUM_FILE);
    let text = fs::read_to_string(&path).expect("text");
    fs::write(&path, text.replace('\n', "\r\n")).expect("written");
    Chain::from_dir("app", folder.path()).expect("the same meaning");
}

#[test]
fn a_sum_file_of_two_branches_is_not_taken_for_one() {
    let rewrite = |change: &dyn Fn(&str) -> String| {
        refused(|folder| {
            let path = folder.join(SUM_FILE);
            let text = fs::read_to_string(&path).expect("text");
            fs::write(path, change(&text)).expect("written");
        })
    };
    let merged = rewrite(&|text| format!("<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> other\n"));
    assert!(
        merged.ends_with("underpin.sum:1 has the marks of an unfinished merge"),
        "{merged}"
    );
    let line_lost = rewrite(&|text| {
        text.lines()
            .take(3)
            .fold(String::new(), |all, line| all + line + "\n")
    });
    assert!(line_lost.contains("does not fit the others"), "{line_lost}");
    let no_total = rewrite(&|text| {
        text.lines()
            .skip(1)
            .fold(String::new(), |all, line| all + line + "\n")
    });
    assert!(no_total.contains("does not fit the others"), "{no_total}");
    let other = rewrite(&|text| format!("{text}what is this\n"));
    assert!(
        other.ends_with("underpin.sum:5 is no line of a sum file"),
        "{other}"
    );
    let empty = rewrite(&|_| String::new());
    assert!(empty.contains("does not fit the others"), "{empty}");
}

#[test]
fn two_branches_that_add_a_file_each_change_the_same_line() {
    let first_line = |file: &str| {
        let folder = summed();
        fs::write(folder.path().join(file), "SELECT 3;").expect("added");
        let summed = write_sum(folder.path()).expect("summed");
        assert_eq!(
            summed.changes,
            [Change::Added {
                file: file.to_owned()
            }]
        );
        let text = fs::read_to_string(summed.path).expect("text");
        text.lines().next().expect("a line").to_owned()
    };
    assert_ne!(
        first_line("20240503120000_c.up.sql"),
        first_line("20240504120000_d.up.sql")
    );
}
