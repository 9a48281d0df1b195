//! Chance for tests that try random steps: with a seed it is the same every time.

/// A small generator (xorshift): the seed is in every message.
#[derive(Clone, Copy)]
pub struct Dice(pub u64);

impl Dice {
    pub fn of(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }

    pub fn pick<'p>(&mut self, of: &[&'p str]) -> &'p str {
        of[self.of(of.len())]
    }
}
