//! Product classes: which products a law treats alike, and how a product's name tells them.

use super::ProductClass;
use std::collections::{BTreeSet, HashMap};

/// Words of a name that are read; no product of a firm is called by more.
const MOST_WORDS: usize = 12;

/// Letters of a name that is looked for at the end of a longer word.
const LEAST_LETTERS: usize = 6;

/// All product classes together.
#[derive(Clone, Debug, Default)]
pub struct ProductIndex {
    /// Id and title of each class, in order of the files.
    classes: Vec<(String, String)>,
    /// Classes whose messages say so.
    say_so: BTreeSet<usize>,
    by_name: HashMap<String, Vec<usize>>,
}

impl ProductIndex {
    /// Adds a class, or more products to one of the same id; its place among all.
    pub(crate) fn add(&mut self, class: &ProductClass) -> usize {
        let index = self.place(&class.id).unwrap_or_else(|| {
            let title = class.title.clone();
            let title = title.unwrap_or_else(|| class.id.replace('_', " "));
            self.classes.push((class.id.clone(), title));
            self.classes.len() - 1
        });
        if class.says_so {
            self.say_so.insert(index);
        }
        for product in &class.products {
            let classes = self.by_name.entry(key(product)).or_default();
            if !classes.contains(&index) {
                classes.push(index);
            }
        }
        index
    }

    /// The place of a class among all.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.classes.iter().position(|(known, _)| known == id)
    }

    /// Whether messages about a product of this class say so.
    pub fn says_so(&self, class: usize) -> bool {
        self.say_so.contains(&class)
    }

    /// The classes of a product by its whole name; none for one that no file names.
    pub fn of(&self, product: &str) -> &[usize] {
        self.by_name.get(&key(product)).map_or(&[], Vec::as_slice)
    }

    /// The classes that words of a product's name tell, in order and each once: the longest known names in it, from the
    /// last word on. `family_car_loan_24` is a `car_loan`; firms' own names for what they sell end like this.
    pub fn within(&self, product: &str) -> Vec<usize> {
        let key = key(product);
        let is_word = |word: &&str| word.chars().any(char::is_alphabetic);
        let words = key.split(|c: char| !c.is_alphanumeric()).filter(is_word);
        let words: Vec<&str> = words.take(MOST_WORDS).collect();
        let mut found = Vec::new();
        let mut end = words.len();
        while end > 0 {
            let longest = (0..end).find_map(|from| {
                let run = words[from..end].join("_");
                self.of_one(&run).map(|classes| (from, classes))
            });
            let compound = || self.of_compound(words[end - 1]);
            match longest.or_else(|| compound().map(|classes| (end - 1, classes))) {
                Some((from, classes)) => {
                    found.extend_from_slice(classes);
                    end = from;
                }
                None => end -= 1,
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The classes of a name, as one or as many.
    fn of_one(&self, name: &str) -> Option<&Vec<usize>> {
        let one = || self.by_name.get(name.strip_suffix('s')?);
        let many = || self.by_name.get(&format!("{name}s"));
        self.by_name.get(name).or_else(one).or_else(many)
    }

    /// The classes of a word that ends in a name: `wohnungskredit` is a `kredit`. Short names stand at the end of words
    /// that mean something else.
    fn of_compound(&self, word: &str) -> Option<&Vec<usize>> {
        word.char_indices().find_map(|(at, _)| {
            let end = &word[at..];
            let is_long = end.chars().count() >= LEAST_LETTERS;
            self.by_name.get(end).filter(|_| is_long)
        })
    }

    /// "if the product is a deposit or a credit card".
    pub fn if_it_is(&self, classes: &[usize]) -> String {
        let titles: Vec<&str> = classes
            .iter()
            .filter_map(|class| self.classes.get(*class))
            .map(|(_, title)| title.as_str())
            .collect();
        match titles.as_slice() {
            [] => "if the law speaks of the product".to_owned(),
            [one] => format!("if the product is {one}"),
            [most @ .., last] => format!("if the product is {} or {last}", most.join(", ")),
        }
    }
}

/// Small letters, and one sign for what stands between words.
fn key(product: &str) -> String {
    product.trim().to_lowercase().replace([' ', '-'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> ProductIndex {
        let mut index = ProductIndex::default();
        for (id, title, products) in [
            ("loan", Some("a loan"), &["loan", "car_loan"][..]),
            ("goods", None, &["car", "hotel", "used_car"]),
            ("card", Some("a credit card"), &["credit_card"]),
            ("kredit", None, &["kredit"]),
        ] {
            index.add(&ProductClass {
                id: id.into(),
                title: title.map(Into::into),
                products: products.iter().map(|name| (*name).to_owned()).collect(),
                words: Vec::new(),
                says_so: false,
            });
        }
        index
    }

    #[test]
    fn the_longest_known_name_in_a_name_tells_the_class() {
        let index = index();
        let within = |name: &str| index.within(name);
        assert_eq!(within("toyota_used_car"), [1]);
        assert_eq!(within("Family Car-Loan 24"), [0]);
        assert_eq!(within("spring_break_hotels"), [1]);
        assert_eq!(within("gold_credit_cards_v2"), [2]);
        assert_eq!(within("hotel_credit_card"), [1, 2]);
        assert_eq!(within("Wohnungskredit 3"), [3]);
        assert_eq!(within("carload"), [] as [usize; 0]);
        assert_eq!(within("SAV-0042"), [] as [usize; 0]);
        assert_eq!(within(""), [] as [usize; 0]);
    }

    #[test]
    fn a_class_without_a_title_is_called_by_its_id() {
        let index = index();
        assert_eq!(
            index.if_it_is(&[0, 2]),
            "if the product is a loan or a credit card"
        );
        assert_eq!(index.if_it_is(&[1]), "if the product is goods");
    }
}
