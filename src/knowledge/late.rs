//! Late interaction: each word piece of the query looks for the piece of the passage that is most like it in its place,
//! and the likenesses are summed up by how rare the query's pieces are. Dot products are in whole numbers, sums run in
//! the query's order: the same on every machine.

use super::piece::{Piece, SHORT};
use super::pieces::{LEAST_RARE, Pieces};

/// A query's pieces that are rare enough.
pub(super) struct RareQuery<'q>(Vec<Wanted<'q>>);

struct Wanted<'q> {
    piece: &'q Piece,
    rare: f64,
    length: f64,
}

/// A piece of the query and the piece of the passage that is most like it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pair {
    pub asked: u16,
    pub found: u16,
    /// Cosine of the two.
    pub likeness: f64,
    /// Its part of the sum.
    pub share: f64,
}

/// How a passage meets a query.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Met {
    /// Sum of the shares: 1 if every piece of the query is met by its like.
    pub score: f64,
    /// In the query's order.
    pub pairs: Vec<Pair>,
}

fn dot(a: &[i8; SHORT], b: &[i8; SHORT]) -> i32 {
    // Sixteen at a time, as the sentence vectors are compared.
    let mut sum = 0_i32;
    for (a, b) in a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0) {
        let mut products = [0_i32; 16];
        for ((product, x), y) in products.iter_mut().zip(a).zip(b) {
            *product = i32::from(*x) * i32::from(*y);
        }
        sum += products.iter().sum::<i32>();
    }
    sum
}

/// A square root is rounded the same everywhere.
fn length(vector: &[i8; SHORT]) -> f64 {
    f64::from(dot(vector, vector)).sqrt()
}

impl<'q> RareQuery<'q> {
    /// The pieces that count; none if the query has none that is rare enough.
    pub fn of(query: &'q [Piece], pieces: &Pieces) -> Option<Self> {
        let wanted: Vec<Wanted<'q>> = query
            .iter()
            .filter(|piece| pieces.rare(piece.id) > LEAST_RARE)
            .map(|piece| Wanted {
                piece,
                rare: f64::from(pieces.rare(piece.id)),
                length: length(&piece.vector),
            })
            .collect();
        (!wanted.is_empty()).then_some(Self(wanted))
    }

    /// How a passage meets the query; a passage without pieces does not.
    pub fn met_by(&self, passage: &[Piece]) -> Met {
        let lengths: Vec<f64> = passage.iter().map(|piece| length(&piece.vector)).collect();
        let all: f64 = self.0.iter().map(|wanted| wanted.rare).sum();
        let mut met = Met::default();
        for wanted in &self.0 {
            let mut best: Option<(u16, f64)> = None;
            for (piece, length) in passage.iter().zip(&lengths) {
                let likeness =
                    f64::from(dot(&wanted.piece.vector, &piece.vector)) / (wanted.length * length);
                if best.is_none_or(|(_, most)| likeness > most) {
                    best = Some((piece.id, likeness));
                }
            }
            if let Some((found, likeness)) = best {
                let share = likeness * wanted.rare / all;
                met.score += share;
                met.pairs.push(Pair {
                    asked: wanted.piece.id,
                    found,
                    likeness,
                    share,
                });
            }
        }
        met
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn asked(pieces: &[(Piece, f64)]) -> RareQuery<'_> {
        RareQuery(
            pieces
                .iter()
                .map(|(piece, rare)| Wanted {
                    piece,
                    rare: *rare,
                    length: length(&piece.vector),
                })
                .collect(),
        )
    }

    fn piece(id: u16, places: &[(usize, i8)]) -> Piece {
        let mut vector = [0; SHORT];
        for (place, value) in places {
            vector[*place] = *value;
        }
        Piece { id, vector }
    }

    #[test]
    fn each_piece_meets_the_one_most_like_it_and_rare_ones_count_more() {
        let query = [(piece(1, &[(0, 127)]), 6.0), (piece(2, &[(1, 127)]), 2.0)];
        let passage = [
            piece(3, &[(0, 127), (1, 127)]),
            piece(4, &[(1, -127)]),
            piece(5, &[(0, 127)]),
        ];
        let met = asked(&query).met_by(&passage);
        let half = 0.5_f64.sqrt();
        assert_eq!((met.pairs[0].asked, met.pairs[0].found), (1, 5));
        assert_eq!((met.pairs[1].asked, met.pairs[1].found), (2, 3));
        assert!((met.pairs[0].share - 0.75).abs() < 1e-12);
        assert!((met.pairs[1].likeness - half).abs() < 1e-12);
        assert!((met.score - (0.75 + 0.25 * half)).abs() < 1e-12);
        assert_eq!(asked(&query).met_by(&[]), Met::default());
    }

    proptest! {
        /// What a passage holds besides can only help, and itself it meets whole.
        #[test]
        fn more_pieces_never_lower_the_score(
            vectors in prop::collection::vec(prop::collection::vec(-127_i8..=127, SHORT), 2..8),
        ) {
            let pieces: Vec<Piece> = (0..).zip(&vectors).map(|(id, vector)| {
                let mut vector: [i8; SHORT] = vector.clone().try_into().unwrap();
                vector[0] = 127;
                Piece { id, vector }
            }).collect();
            let query: Vec<(Piece, f64)> = pieces.iter().map(|p| (p.clone(), 3.0)).collect();
            let whole = asked(&query).met_by(&pieces);
            prop_assert!((whole.score - 1.0).abs() < 1e-9);
            let part = asked(&query).met_by(&pieces[1..]);
            prop_assert!(part.score <= whole.score + 1e-12);
        }
    }
}
