//! Files that use each other in a circle can only be read together. None comes to be that does not stand on the list.
//!
//! A file uses another if one of its `use` lines names what the other defines, however many re-exports lie between. Where
//! it names a module, it uses the files that define what it then calls by that module's name. Two things are no use: a
//! `pub use` in a folder's `mod.rs` only lists what the folder has, unless the code there names it too; and what a file
//! takes from the `mod.rs` of a folder that it lies in is its own folder's.

use super::{above_tests, all};
use std::collections::{BTreeMap, BTreeSet};

type Path = Vec<String>;

/// A name that a file takes in.
struct Taken {
    /// From the root of the crate.
    path: Path,
    name: String,
    public: bool,
}

/// Code without comments.
fn code_of(text: &str) -> String {
    let code = above_tests(text).lines();
    let code = code.map(|line| line.split("//").next().unwrap_or_default());
    code.collect::<Vec<_>>().join("\n")
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The place of the module that a file is.
fn module_of(file: &str) -> Path {
    let name = file.trim_end_matches(".rs");
    let name = name.strip_suffix("/mod").unwrap_or(name);
    if matches!(name, "lib" | "main") {
        return Path::new();
    }
    name.split('/').map(str::to_owned).collect()
}

/// The leaves of a use tree, each with the name that it has afterwards.
fn leaves(tree: &str, before: &[String], found: &mut Vec<(Path, String)>) {
    let parts = |text: &str| -> Path {
        let parts = text.split("::").map(str::trim);
        parts.filter(|p| !p.is_empty()).map(str::to_owned).collect()
    };
    if let Some((head, rest)) = tree.split_once('{') {
        let before = [before, &parts(head)].concat();
        let rest = rest.trim_end();
        let rest = rest.strip_suffix('}').unwrap_or(rest);
        let (mut depth, mut from) = (0, 0);
        for (at, c) in rest.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    leaves(&rest[from..at], &before, found);
                    from = at + 1;
                }
                _ => {}
            }
        }
        return leaves(&rest[from..], &before, found);
    }
    let (path, alias) = match tree.split_once(" as ") {
        Some((path, alias)) => (path, Some(alias.trim().to_owned())),
        None => (tree, None),
    };
    let mut path = [before, &parts(path)].concat();
    if path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    if let Some(name) = alias.or_else(|| path.last().cloned()) {
        found.push((path, name));
    }
}

/// All `use` lines of a text, and the text without them.
fn uses(code: &str) -> (Vec<(bool, String)>, String) {
    let (mut found, mut rest) = (Vec::new(), String::new());
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        let public = trimmed.starts_with("pub");
        let after = match trimmed.strip_prefix("pub") {
            Some(scoped) if scoped.starts_with('(') => scoped.split_once(") ").map(|s| s.1),
            Some(scoped) => scoped.strip_prefix(' '),
            None => Some(trimmed),
        };
        let Some(tree) = after.and_then(|after| after.strip_prefix("use ")) else {
            rest.push_str(line);
            rest.push('\n');
            continue;
        };
        let mut tree = tree.to_owned();
        while !tree.contains(';') {
            tree.push_str(lines.next().unwrap_or(";"));
        }
        found.push((
            public,
            tree.split(';').next().unwrap_or_default().to_owned(),
        ));
    }
    (found, rest)
}

/// What follows a module's name wherever the code calls something by it.
fn called_by<'c>(code: &'c str, module: &str) -> BTreeSet<&'c str> {
    let ends = format!("{module}::");
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices(&ends) {
        if !code[..at].ends_with(is_word) {
            let after = &code[at + ends.len()..];
            let end = after.find(|c| !is_word(c)).unwrap_or(after.len());
            found.insert(&after[..end]);
        }
    }
    found
}

fn names_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let after = &code[at + word.len()..];
        !code[..at].ends_with(is_word) && !after.starts_with(is_word)
    })
}

struct House {
    /// The file of each module.
    modules: BTreeMap<Path, String>,
    /// What each module re-exports.
    exports: BTreeMap<Path, BTreeMap<String, Path>>,
    taken: BTreeMap<String, Vec<Taken>>,
    /// Each file's code without its `use` lines.
    code: BTreeMap<String, String>,
}

impl House {
    fn read() -> Self {
        let files: Vec<(String, String)> = (all().into_iter())
            // The binary stands outside, and one file takes another's place where a feature is off.
            .filter(|(file, _)| !matches!(file.as_str(), "main.rs" | "ledger/without_postgres.rs"))
            .collect();
        let modules = files
            .iter()
            .map(|(file, _)| (module_of(file), file.clone()));
        let mut house = Self {
            modules: modules.collect(),
            exports: BTreeMap::new(),
            taken: BTreeMap::new(),
            code: BTreeMap::new(),
        };
        for (file, text) in files {
            let (lines, rest) = uses(&code_of(&text));
            let here = module_of(&file);
            let mut taken = Vec::new();
            for (public, tree) in lines {
                let mut found = Vec::new();
                leaves(&tree, &[], &mut found);
                for (path, name) in found {
                    let Some(path) = house.rooted(&here, &path) else {
                        continue;
                    };
                    if public {
                        let exports = house.exports.entry(here.clone()).or_default();
                        exports.insert(name.clone(), path.clone());
                    }
                    taken.push(Taken { path, name, public });
                }
            }
            house.taken.insert(file.clone(), taken);
            house.code.insert(file, rest);
        }
        house
    }

    /// A path from the root; none if it leads out of the crate.
    fn rooted(&self, here: &[String], path: &[String]) -> Option<Path> {
        match path.first()?.as_str() {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some([here, &path[1..]].concat()),
            "super" => {
                let ups = path.iter().take_while(|part| *part == "super").count();
                let above = here.get(..here.len().checked_sub(ups)?)?;
                Some([above, &path[ups..]].concat())
            }
            first => {
                let child = [here, &[first.to_owned()]].concat();
                let inside = self.modules.contains_key(&child);
                inside.then(|| [here, path].concat())
            }
        }
    }

    /// The file that defines what a path names.
    fn defined_in(&self, path: &[String], depth: usize) -> Option<&str> {
        let ends = (0..=path.len()).rev();
        let mut places = ends.map(|end| path.split_at(end));
        let (module, rest) = places.find(|(module, _)| self.modules.contains_key(*module))?;
        let exports = self.exports.get(module);
        let export = rest.first().and_then(|name| exports?.get(name));
        match export {
            Some(export) if export != path && depth < 8 => {
                self.defined_in(&[export, &rest[1..]].concat(), depth + 1)
            }
            _ => self.modules.get(module).map(String::as_str),
        }
    }

    /// Which files each file uses.
    fn edges(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (file, taken) in &self.taken {
            let (here, code) = (module_of(file), &self.code[file]);
            let is_folder = file.ends_with("mod.rs") || file == "lib.rs";
            for one in taken {
                if is_folder && one.public && !names_word(code, &one.name) {
                    continue;
                }
                let paths: Vec<Path> = if self.modules.contains_key(&one.path) {
                    let called = called_by(code, &one.name).into_iter();
                    let called = called.map(|name| [&one.path[..], &[name.to_owned()]].concat());
                    called.collect()
                } else {
                    vec![one.path.clone()]
                };
                for used in paths.iter().filter_map(|path| self.defined_in(path, 0)) {
                    if !here.starts_with(&module_of(used)) {
                        edges.entry(file).or_default().insert(used);
                    }
                }
            }
        }
        edges
    }
}

/// All that can be come to from a file.
fn reached<'e>(edges: &BTreeMap<&'e str, BTreeSet<&'e str>>, from: &'e str) -> BTreeSet<&'e str> {
    let (mut found, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(file) = next.pop() {
        let used = edges.get(file).into_iter().flatten();
        next.extend(used.filter(|used| found.insert(**used)));
    }
    found
}

/// Circles that there still are. The list only grows shorter.
const CIRCLES: &[&[&str]] = &[
    &[
        "service/audit/archive.rs",
        "service/audit/reason.rs",
        "service/audit/mod.rs",
        "service/audit/witness.rs",
        "service/canary/reveal.rs",
        "service/delivery/sources.rs",
        "service/home/custody.rs",
        "service/home/in_force.rs",
        "service/home/inspect.rs",
        "service/home/knowledge.rs",
        "service/home/layout.rs",
        "service/home/leftover.rs",
        "service/home/wiring.rs",
        "service/home/workspace.rs",
        "service/learning/tally.rs",
        "service/optout/mod.rs",
        "service/review/filter.rs",
        "service/review/history.rs",
        "service/review/queue.rs",
        "service/review/recent.rs",
        "service/review/standing.rs",
        "service/run/response.rs",
        "service/run/transient.rs",
        "service/users/tokens.rs",
    ],
    &[
        "tui/card.rs",
        "tui/columns.rs",
        "tui/commands.rs",
        "tui/effect.rs",
        "tui/experiments.rs",
        "tui/findings.rs",
        "tui/links.rs",
        "tui/model.rs",
        "tui/movement.rs",
        "tui/msg.rs",
        "tui/overlay/ask.rs",
        "tui/overlay/brief.rs",
        "tui/overlay/charts.rs",
        "tui/overlay/check/mod.rs",
        "tui/overlay/check/view.rs",
        "tui/overlay/choose/mod.rs",
        "tui/overlay/choose/view.rs",
        "tui/overlay/compare.rs",
        "tui/overlay/customer_data.rs",
        "tui/overlay/decide/mod.rs",
        "tui/overlay/dismiss.rs",
        "tui/overlay/edit/keys.rs",
        "tui/overlay/edit/mod.rs",
        "tui/overlay/form.rs",
        "tui/overlay/mod.rs",
        "tui/overlay/policies.rs",
        "tui/overlay/received.rs",
        "tui/overlay/tour.rs",
        "tui/filter.rs",
        "tui/quality.rs",
        "tui/queue_commands.rs",
        "tui/screen/audit.rs",
        "tui/screen/citations.rs",
        "tui/screen/evidence.rs",
        "tui/screen/message.rs",
        "tui/screen/queue.rs",
        "tui/screen/review.rs",
        "tui/screen/safety.rs",
        "tui/view/footer.rs",
        "tui/view/list.rs",
        "tui/view/mod.rs",
        "tui/view/pane.rs",
    ],
];

#[test]
fn files_use_each_other_in_no_new_circle() {
    let house = House::read();
    let edges = house.edges();
    let reach: BTreeMap<&str, BTreeSet<&str>> = (house.code.keys())
        .map(|file| (file.as_str(), reached(&edges, file)))
        .collect();
    let mut found: BTreeSet<BTreeSet<&str>> = BTreeSet::new();
    for (file, files) in reach.iter().filter(|(file, files)| files.contains(*file)) {
        let circle = files.iter().filter(|other| reach[**other].contains(file));
        found.insert(circle.copied().collect());
    }
    let allowed: BTreeSet<BTreeSet<&str>> = (CIRCLES.iter())
        .map(|circle| circle.iter().copied().collect())
        .collect();
    let mut wrong = Vec::new();
    for circle in found.difference(&allowed) {
        wrong.push(format!("a circle: {circle:?}"));
        for file in circle {
            let used = edges[file].intersection(circle).collect::<Vec<_>>();
            wrong.push(format!("    {file} uses {used:?}"));
        }
    }
    for circle in allowed.difference(&found) {
        wrong.push(format!("no circle any more, or a smaller one: {circle:?}"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
