//! Statements about rates that stay true however often, and whenever, somebody looks.
//!
//! Each is a wager against a hypothesis: capital that starts at one and, if the hypothesis is true, is not expected to
//! grow whatever is done next. The chance that it ever reaches 1/α is then at most α (Ville, *Étude critique de la notion
//! de collectif*, 1939), so that one may look after every message and stop at will. About one rate the capital is a Beta
//! mixture of likelihoods over the likelihood of the hypothesis (Robbins, *Annals of Mathematical Statistics* 41, 1970).
//! Who is sent what may depend on the outcomes before, as under Thompson sampling.

use super::numbers::{ln_beta, real, times_ln};
use super::posterior::Posterior;

/// Outcomes of one arm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArmTally {
    pub sent: u64,
    /// How many of them it happened to.
    pub hits: u64,
}

impl ArmTally {
    fn misses(self) -> u64 {
        self.sent.saturating_sub(self.hits)
    }

    /// Both together.
    pub fn add(&mut self, more: Self) {
        self.sent += more.sent;
        self.hits += more.hits;
    }

    /// Share of the messages that it happened to.
    pub fn rate(self) -> f64 {
        if self.sent == 0 {
            0.0
        } else {
            real(self.hits) / real(self.sent)
        }
    }

    /// ln of the likelihood at this rate.
    fn ln_at(self, rate: f64) -> f64 {
        times_ln(real(self.hits), rate) + times_ln(real(self.misses()), 1.0 - rate)
    }
}

/// What rates were thought likely before anything was sent: Beta(hits, misses), both in thousandths of a message. Any
/// choice keeps the guarantee; a good one needs fewer messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess {
    hits: u64,
    misses: u64,
}

impl Guess {
    /// A response: about one in twenty, worth twenty messages.
    pub const RESPONSE: Self = Self {
        hits: 1_000,
        misses: 19_000,
    };
    /// A conversion: about one in a hundred, worth a hundred messages.
    pub const CONVERSION: Self = Self {
        hits: 1_000,
        misses: 99_000,
    };
    /// A complaint or an opt-out: about one in a thousand, worth five hundred messages.
    pub const HARM: Self = Self {
        hits: 500,
        misses: 499_500,
    };

    /// What is believed after this, counted in thousandths of a message.
    pub fn after(self, seen: ArmTally) -> Posterior {
        Posterior::new(
            seen.hits.saturating_add(self.hits),
            seen.misses().saturating_add(self.misses),
        )
    }

    /// Hits and misses in messages.
    fn messages(self) -> (f64, f64) {
        (real(self.hits) / 1_000.0, real(self.misses) / 1_000.0)
    }

    /// The rate to expect after this.
    fn rate_after(self, seen: ArmTally) -> f64 {
        let (hits, misses) = self.messages();
        (hits + real(seen.hits)) / (hits + misses + real(seen.sent))
    }

    fn ln_mixture(self, seen: ArmTally) -> f64 {
        let (hits, misses) = self.messages();
        ln_beta(hits + real(seen.hits), misses + real(seen.misses())) - ln_beta(hits, misses)
    }
}

/// ln of the capital that speaks against a hypothesis, where it may do so falsely with this chance.
pub fn bound(alpha: f64) -> f64 {
    -libm::log(alpha)
}

/// Halvings that find an end of an interval: below the last bit of a share.
const HALVINGS: usize = 50;

/// Rates that the outcomes do not speak against: with probability 1 − α the true one is inside at every moment.
pub fn interval(seen: ArmTally, guess: Guess, alpha: f64) -> (f64, f64) {
    let mixture = guess.ln_mixture(seen);
    let bound = bound(alpha);
    let inside = |rate: f64| mixture - seen.ln_at(rate) < bound;
    let end = |mut out: f64, mut within: f64| {
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(out, within);
            if inside(middle) {
                within = middle;
            } else {
                out = middle;
            }
        }
        within
    };
    let best = seen.rate();
    (
        if inside(0.0) { 0.0 } else { end(0.0, best) },
        if inside(1.0) { 1.0 } else { end(1.0, best) },
    )
}

/// ln of the capital of the wager against “the rate is at most `limit`”.
pub fn ln_above(seen: ArmTally, limit: f64, guess: Guess) -> f64 {
    guess.ln_mixture(seen) - seen.ln_at(seen.rate().min(limit))
}

/// ln of the most that the wager against “`a` is no better than `b`” ever came to. Blocks are days, oldest first: how many
/// were sent of each may depend on all days before, and what was sent on a day may not depend on that day's answers. The
/// stake of a day is the likelihood of its outcomes under what the days before say of the two rates, over that under the
/// common rate that suits these best (Turner, Ly and Grünwald, “Generic E-variables for exact sequential k-sample tests
/// that allow for optional stopping”, *Journal of Statistical Planning and Inference* 230, 2024).
pub fn ln_better(days: impl Iterator<Item = (ArmTally, ArmTally)>, guess: Guess) -> f64 {
    let (mut before, mut capital, mut most) =
        ((ArmTally::default(), ArmTally::default()), 0.0, 0.0);
    for day in days {
        capital += ln_stake(before, day, guess);
        most = f64::max(most, capital);
        before.0.add(day.0);
        before.1.add(day.1);
    }
    most
}

/// ln of a day's stake. Nothing is staked where the days before speak for `b`, or nothing was sent.
fn ln_stake(before: (ArmTally, ArmTally), (a, b): (ArmTally, ArmTally), guess: Guess) -> f64 {
    let (for_a, for_b) = (guess.rate_after(before.0), guess.rate_after(before.1));
    let both = real(a.sent + b.sent);
    if for_a <= for_b || both <= 0.0 {
        return 0.0;
    }
    let common = (real(a.sent) * for_a + real(b.sent) * for_b) / both;
    a.ln_at(for_a) + b.ln_at(for_b) - a.ln_at(common) - b.ln_at(common)
}

/// Customers that the guess about a split is worth.
const NEAR: f64 = 200.0;

/// ln of the capital of the wager against “each customer fell into these groups with these chances” (Lindon and Malek,
/// “Anytime-valid inference for multinomial count data”, NeurIPS 2022). `shares` sum to one.
pub fn ln_mismatch(counts: &[u64], shares: &[f64]) -> f64 {
    let all = real(counts.iter().sum());
    // A Dirichlet around the chances that were meant: a split that was not meant is seldom far off.
    let mixture = libm::lgamma(NEAR) - libm::lgamma(NEAR + all)
        + counts
            .iter()
            .zip(shares)
            .map(|(n, share)| libm::lgamma(NEAR * share + real(*n)) - libm::lgamma(NEAR * share))
            .sum::<f64>();
    let said: f64 = counts
        .iter()
        .zip(shares)
        .map(|(n, share)| times_ln(real(*n), *share))
        .sum();
    mixture - said
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Chance that can be repeated (SplitMix64).
    struct Chance(u64);

    impl Chance {
        fn share(&mut self) -> f64 {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            real((z ^ (z >> 31)) >> 11) / real(1 << 53)
        }

        fn send(&mut self, arm: &mut ArmTally, messages: u64, rate: f64) {
            for _ in 0..messages {
                arm.sent += 1;
                arm.hits += u64::from(self.share() < rate);
            }
        }
    }

    fn tally(hits: u64, sent: u64) -> ArmTally {
        ArmTally { sent, hits }
    }

    const EXPERIMENTS: u64 = 1_000;
    const LOOKS: usize = 150;
    const A_LOOK: u64 = 60;

    /// Arms of these rates, looked at every day; how many experiments ever said that one is the best, and how many would
    /// have by a z-test of 5 % at each look. Every other experiment sends more of what did better so far.
    fn declared(rates: &[f64]) -> (u64, u64) {
        let pairs = real((rates.len() * (rates.len() - 1)) as u64);
        let bound = bound(0.05 / pairs);
        let (mut ours, mut naive) = (0, 0);
        for seed in 0..EXPERIMENTS {
            let mut chance = Chance(seed);
            let mut days: Vec<Vec<ArmTally>> = Vec::new();
            let mut sums = vec![ArmTally::default(); rates.len()];
            let mut said_naively = false;
            for _ in 0..LOOKS {
                let ahead = sums.iter().map(|s| s.rate()).fold(0.0, f64::max);
                let mut day = vec![ArmTally::default(); rates.len()];
                for (at, rate) in rates.iter().enumerate() {
                    let more = seed % 2 == 1 && sums[at].rate() >= ahead;
                    chance.send(&mut day[at], if more { 2 * A_LOOK } else { A_LOOK }, *rate);
                    sums[at].add(day[at]);
                }
                days.push(day);
                for (i, a) in sums.iter().enumerate() {
                    for b in sums
                        .iter()
                        .enumerate()
                        .filter(|(j, _)| *j != i)
                        .map(|x| x.1)
                    {
                        let pooled = real(a.hits + b.hits) / real(a.sent + b.sent);
                        let of_one = 1.0 / real(a.sent) + 1.0 / real(b.sent);
                        let spread = (pooled * (1.0 - pooled) * of_one).sqrt();
                        said_naively |= a.rate() - b.rate() > 1.96 * spread;
                    }
                }
            }
            let better = |i: usize, j: usize| {
                ln_better(days.iter().map(|day| (day[i], day[j])), Guess::RESPONSE) > bound
            };
            let arms = 0..rates.len();
            let said = arms
                .clone()
                .any(|i| arms.clone().any(|j| j != i && better(i, j)));
            ours += u64::from(said);
            naive += u64::from(said_naively);
        }
        (ours, naive)
    }

    /// The expected stake of a day, over all that can happen on it.
    fn expected_stake(sent: (u64, u64), before: (ArmTally, ArmTally), rates: (f64, f64)) -> f64 {
        let chance_of = |seen: ArmTally, rate: f64| {
            let (hits, misses) = (real(seen.hits), real(seen.misses()));
            let ways = -ln_beta(hits + 1.0, misses + 1.0) - libm::log(real(seen.sent) + 1.0);
            libm::exp(ways + seen.ln_at(rate))
        };
        let mut expected = 0.0;
        for a in (0..=sent.0).map(|hits| tally(hits, sent.0)) {
            for b in (0..=sent.1).map(|hits| tally(hits, sent.1)) {
                let stake = ln_stake(before, (a, b), Guess::RESPONSE);
                expected += chance_of(a, rates.0) * chance_of(b, rates.1) * libm::exp(stake);
            }
        }
        expected
    }

    #[test]
    fn no_day_is_expected_to_win_when_the_arm_is_no_better() {
        for sent in [(1, 1), (7, 3), (20, 20)] {
            for before in [(tally(9, 60), tally(2, 80)), (tally(40, 90), tally(1, 900))] {
                for (a, b) in [
                    (0.05, 0.05),
                    (0.3, 0.3),
                    (0.02, 0.2),
                    (0.5, 0.9),
                    (0.0, 0.01),
                ] {
                    let stake = expected_stake(sent, before, (a, b));
                    assert!(stake <= 1.0 + 1e-9, "{sent:?} {before:?} {a} {b}: {stake}");
                }
                let won = expected_stake(sent, before, (0.15, 0.02));
                assert!(won > 1.0, "{won}");
            }
        }
    }

    #[test]
    fn looking_all_the_time_at_equal_arms_names_a_better_one_less_often_than_promised() {
        for rates in [&[0.05, 0.05][..], &[0.06, 0.06, 0.06]] {
            let (ours, naive) = declared(rates);
            assert!(ours * 20 <= EXPERIMENTS, "{ours} of {EXPERIMENTS}");
            // The simulation would notice: a test for one look is wrong far more often.
            assert!(naive * 5 > EXPERIMENTS, "{naive} of {EXPERIMENTS}");
        }
    }

    #[test]
    fn a_better_arm_is_found_in_the_end() {
        let (found, _) = declared(&[0.05, 0.085]);
        assert!(found * 10 > EXPERIMENTS * 9, "{found}");
        // And it is the better one that is named.
        let day = (tally(20, 200), tally(14, 200));
        let days = std::iter::repeat_n(day, 60);
        let yes = ln_better(days.clone(), Guess::RESPONSE);
        let no = ln_better(days.map(|(a, b)| (b, a)), Guess::RESPONSE);
        assert!(yes > 10.0 && no < 0.1, "{yes} {no}");
    }

    #[test]
    fn the_true_rate_stays_inside_at_every_look() {
        let mut left = 0;
        for seed in 0..EXPERIMENTS {
            let mut chance = Chance(seed ^ 0xABCD);
            let mut arm = ArmTally::default();
            let mut was_out = false;
            for _ in 0..40 {
                chance.send(&mut arm, 50, 0.04);
                let (low, high) = interval(arm, Guess::RESPONSE, 0.05);
                was_out |= !(low..=high).contains(&0.04);
            }
            left += u64::from(was_out);
        }
        assert!(left * 20 <= EXPERIMENTS, "{left}");
        let (low, high) = interval(tally(100, 2_000), Guess::RESPONSE, 0.05);
        assert!(
            low > 0.035 && low < 0.05 && high > 0.05 && high < 0.07,
            "{low} {high}"
        );
        let (low, high) = interval(ArmTally::default(), Guess::RESPONSE, 0.05);
        assert!(low.abs() < 1e-9 && (high - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_split_that_was_not_meant_is_noticed_and_a_fair_one_is_not() {
        let fair = [0.45, 0.45, 0.1];
        let mut wrong = 0;
        for seed in 0..EXPERIMENTS {
            let mut chance = Chance(seed ^ 0x5EED);
            let mut counts = [0; 3];
            let mut told = false;
            for _ in 0..40 {
                for _ in 0..50 {
                    let at = chance.share();
                    counts[usize::from(at > 0.45) + usize::from(at > 0.9)] += 1;
                }
                told |= ln_mismatch(&counts, &fair) > libm::log(100.0);
            }
            wrong += u64::from(told);
        }
        assert!(wrong * 100 <= EXPERIMENTS, "{wrong}");
        assert!(ln_mismatch(&[4_500, 4_100, 1_000], &fair) > libm::log(100.0));
    }
}
