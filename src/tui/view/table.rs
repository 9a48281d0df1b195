//! How wide the columns of a table are: nothing is cut while there is room for it.

/// What a column asks for, in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnWish {
    /// What its widest cell takes.
    pub wants: usize,
    /// What it keeps where there is not enough.
    pub least: usize,
    /// It gives way before the others do.
    pub gives_first: bool,
}

impl ColumnWish {
    /// A column of exactly this width.
    pub fn fixed(width: usize) -> Self {
        Self {
            wants: width,
            least: width,
            gives_first: false,
        }
    }

    /// One that can be cut down to a width.
    pub fn down_to(least: usize, wants: usize) -> Self {
        Self {
            wants,
            least: least.min(wants),
            gives_first: false,
        }
    }

    /// The same, so many cells wider or narrower.
    #[must_use]
    pub fn wider(self, by: isize) -> Self {
        let to = |width: usize| width.saturating_add_signed(by).clamp(3, 200);
        Self {
            wants: to(self.wants),
            least: to(self.least),
            ..self
        }
    }

    /// The same, before any other is cut.
    #[must_use]
    pub fn first(self) -> Self {
        Self {
            gives_first: true,
            ..self
        }
    }
}

/// The widths of columns in `room` cells, the gaps between them not counted. Each gets what it wants while there is
/// enough; then those that give first are cut, then the widest. None goes below its least, whatever that comes to.
pub fn widths(room: usize, wishes: &[ColumnWish]) -> Vec<usize> {
    let mut given: Vec<usize> = wishes.iter().map(|wish| wish.wants).collect();
    for first in [true, false] {
        loop {
            let over = given.iter().sum::<usize>().saturating_sub(room);
            let can = given
                .iter()
                .zip(wishes)
                .enumerate()
                .filter(|(_, (width, wish))| **width > wish.least && (wish.gives_first || !first));
            let widest = can.max_by_key(|(at, (width, _))| (**width, *at));
            match widest.map(|(at, _)| at) {
                Some(at) if over > 0 => given[at] -= 1,
                _ => break,
            }
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_gives_first_is_cut_before_the_widest() {
        let wishes = [
            ColumnWish::down_to(4, 30),
            ColumnWish::down_to(8, 18).first(),
            ColumnWish::fixed(5),
        ];
        assert_eq!(widths(60, &wishes), [30, 18, 5], "there is room for all");
        assert_eq!(widths(45, &wishes), [30, 10, 5]);
        assert_eq!(widths(40, &wishes), [27, 8, 5]);
        assert_eq!(widths(0, &wishes), [4, 8, 5], "never below the least");
    }

    proptest! {
        #[test]
        fn nothing_is_cut_while_there_is_room(
            columns in prop::collection::vec((0_usize..60, 0_usize..60, any::<bool>()), 1..8),
            room in 0_usize..200,
        ) {
            let wishes: Vec<ColumnWish> = columns
                .into_iter()
                .map(|(least, wants, gives_first)| ColumnWish {
                    gives_first,
                    ..ColumnWish::down_to(least, wants)
                })
                .collect();
            let given = widths(room, &wishes);
            let sum: usize = given.iter().sum();
            let cut = given.iter().zip(&wishes).any(|(width, wish)| *width < wish.wants);
            prop_assert!(!cut || sum >= room, "cut, and {} of {room} taken", sum);
            for (width, wish) in given.iter().zip(&wishes) {
                prop_assert!((wish.least..=wish.wants).contains(width));
            }
            let all_least = given.iter().zip(&wishes).all(|(width, wish)| *width == wish.least);
            prop_assert!(sum <= room || all_least);
        }
    }
}
