//! Sentence vectors, and those of a text's words in their place: all-MiniLM-L6-v2, 8-bit, run in this process.

use super::piece::{DIMENSIONS, Piece, Projection, Vocabulary, counts};
use crate::domain::digest::Digest;
use crate::text::hidden;
use crate::text::mapped::{self, Mapped};
use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, ValueOrView};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use rten_text::Tokenizer;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The model reads this many tokens; the rest of a passage is not seen by it.
const MAX_TOKENS: usize = 256;
/// Blanks behind a text: twice the longest word that the tokenizer cuts into pieces.
const ROOM: usize = 256;
/// Query vectors kept.
const CACHE: usize = 4_096;

/// The model cannot be used; search falls back to words alone and says so.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the embedding model cannot be used: {0}")]
pub struct ModelError(String);

/// What the model makes of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embedded {
    /// Of length one: mean over tokens, normalised.
    pub vector: Vec<f32>,
    /// One for each distinct word piece that says something, in order of their first places.
    pub pieces: Vec<Piece>,
}

struct Loaded {
    model: Model,
    tokenizer: Tokenizer,
    projection: Projection,
    inputs: [NodeId; 3],
    output: NodeId,
    pool: Arc<ThreadPool>,
}

type EmbedAnswer = Result<Embedded, ModelError>;
/// A text, and where its vectors go.
type EmbedJob = (String, Sender<EmbedAnswer>);

/// Turns text into vectors, on a thread of its own (the tokenizer may not be shared). Loads the model when first
/// needed, keeps query vectors.
pub struct Embedder {
    weights: &'static [u8],
    tokenizer: &'static str,
    jobs: OnceLock<Mutex<Sender<EmbedJob>>>,
    queries: Mutex<HashMap<String, Arc<Embedded>>>,
    vocabulary: OnceLock<Vocabulary>,
}

impl Embedder {
    pub fn new(weights: &'static [u8], tokenizer: &'static str) -> Self {
        Self {
            weights,
            tokenizer,
            jobs: OnceLock::new(),
            queries: Mutex::new(HashMap::new()),
            vocabulary: OnceLock::new(),
        }
    }

    /// The model's word pieces; none if its tokenizer cannot be read.
    pub(super) fn vocabulary(&self) -> &Vocabulary {
        self.vocabulary
            .get_or_init(|| Vocabulary::read(self.tokenizer))
    }

    /// Hash of weights and tokenizer: part of every vector's name.
    pub fn digest(&self) -> Digest {
        static KNOWN: OnceLock<Digest> = OnceLock::new();
        *KNOWN.get_or_init(|| {
            // The ends and the length name the shipped file; hashing 23 MB would cost every start 60 ms.
            let (head, tail) = (
                &self.weights[..self.weights.len().min(4_096)],
                &self.weights[self.weights.len().saturating_sub(65_536)..],
            );
            Digest::of_parts([
                head,
                tail,
                &(self.weights.len() as u64).to_be_bytes(),
                &(self.tokenizer.len() as u64).to_be_bytes(),
            ])
        })
    }

    /// The vectors of a text and of its word pieces, out of one pass.
    ///
    /// # Errors
    /// The model cannot be loaded or run.
    pub fn embed(&self, text: &str) -> EmbedAnswer {
        self.begin(text)?
            .recv()
            .map_err(|_| ModelError("its thread has stopped".into()))?
    }

    /// Has the model loaded while something else is done.
    pub fn warm(&self) {
        // Whoever needs the model is told then that it cannot be used.
        let _ = self.begin("a");
    }

    fn begin(&self, text: &str) -> Result<Receiver<EmbedAnswer>, ModelError> {
        let (answer, receiver) = channel();
        let jobs = self.jobs.get_or_init(|| {
            let (sender, jobs) = channel();
            let (weights, tokenizer) = (self.weights, self.tokenizer);
            // Without a thread the receiver is dropped, and every request says so.
            let _ = std::thread::Builder::new()
                .name("embedder".into())
                .spawn(move || serve(weights, tokenizer, &jobs));
            Mutex::new(sender)
        });
        jobs.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .send((text.to_owned(), answer))
            .map_err(|_| ModelError("its thread has stopped".into()))?;
        Ok(receiver)
    }

    /// The vectors of a query, from the cache if it was asked before.
    ///
    /// # Errors
    /// The model cannot be loaded or run.
    pub fn embed_query(&self, query: &str) -> Result<Arc<Embedded>, ModelError> {
        let mut queries = self.queries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = queries.get(query) {
            return Ok(known.clone());
        }
        drop(queries);
        let embedded = Arc::new(self.embed(query)?);
        queries = self.queries.lock().unwrap_or_else(PoisonError::into_inner);
        if queries.len() >= CACHE {
            queries.clear();
        }
        queries.insert(query.to_owned(), embedded.clone());
        Ok(embedded)
    }
}

/// Answers requests until the embedder is gone.
fn serve(weights: &'static [u8], tokenizer: &str, jobs: &Receiver<EmbedJob>) {
    let loaded = load(weights, tokenizer);
    while let Ok((text, answer)) = jobs.recv() {
        let result = loaded
            .as_ref()
            .map_err(Clone::clone)
            .and_then(|loaded| guarded(loaded, &text));
        // Whoever asked may have gone.
        let _ = answer.send(result);
    }
}

/// The tokenizer panics on some texts. One passage's panic may not take the embedder with it: the text is tried again
/// in plain letters, and given up as a failure of this text alone.
fn guarded(loaded: &Loaded, text: &str) -> EmbedAnswer {
    let attempt = |text: &str| {
        catch_unwind(AssertUnwindSafe(|| run(loaded, text))).unwrap_or_else(|_| {
            Err(ModelError(
                "the text cannot be read by the tokenizer".into(),
            ))
        })
    };
    attempt(text).or_else(|first| {
        let plain = mapped::fold(&Mapped::identity(text));
        let plain: String = plain
            .text()
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        if plain == text {
            Err(first)
        } else {
            attempt(&plain)
        }
    })
}

fn load(weights: &'static [u8], tokenizer: &str) -> Result<Loaded, ModelError> {
    let fail = |e: &dyn std::fmt::Display| ModelError(e.to_string());
    // Packed once, not for every text, for 45 MB.
    let model = ModelOptions::default()
        .prepack_weights(true)
        .load_static_slice(weights)
        .map_err(|e| fail(&e))?;
    let tokenizer = Tokenizer::from_json(tokenizer).map_err(|e| fail(&e))?;
    let node = |name: &str| model.node_id(name).map_err(|e| fail(&e));
    Ok(Loaded {
        inputs: [
            node("input_ids")?,
            node("attention_mask")?,
            node("token_type_ids")?,
        ],
        output: node("last_hidden_state")?,
        pool: Arc::new(ThreadPool::with_num_threads(
            std::thread::available_parallelism().map_or(1, |n| n.get().min(4)),
        )),
        model,
        tokenizer,
        projection: Projection::fixed(),
    })
}

/// What BERT's own reading takes out of a text.
fn is_unseen(c: char) -> bool {
    hidden::is_default_ignorable(c)
        || c.is_control() && !matches!(c, '\t' | '\n' | '\r')
        || c == char::REPLACEMENT_CHARACTER
}

fn run(loaded: &Loaded, text: &str) -> EmbedAnswer {
    let fail = |e: &dyn std::fmt::Display| ModelError(e.to_string());
    // A token is at least one byte; longer text cannot be seen by the model anyway.
    let text = &text[..text.floor_char_boundary(text.len().min(MAX_TOKENS * 12))];
    // The model was trained without characters that nobody sees; rten-text 0.27 leaves them in.
    let text: String = text.chars().filter(|c| !is_unseen(*c)).collect();
    // rten-text 0.27 counts the `##` of word pieces into offsets and then looks beyond the end of a short text
    // ("TAKAFUL"); blanks behind it make room and give no token.
    let roomy = format!("{text}{}", " ".repeat(ROOM));
    let encoded = loaded
        .tokenizer
        .encode(roomy.as_str(), None)
        .map_err(|e| fail(&e))?;
    let mut ids: Vec<i32> = encoded
        .token_ids()
        .iter()
        .map(|id| i32::try_from(*id).unwrap_or(0))
        .collect();
    if ids.len() > MAX_TOKENS {
        let end = ids[ids.len() - 1];
        ids.truncate(MAX_TOKENS - 1);
        ids.push(end);
    }
    let length = ids.len();
    let read = ids.clone();
    let ids = NdTensor::from_data([1, length], ids);
    let mask = NdTensor::from_data([1, length], vec![1_i32; length]);
    let types = NdTensor::from_data([1, length], vec![0_i32; length]);
    let inputs: Vec<(NodeId, ValueOrView<'_>)> = vec![
        (loaded.inputs[0], ids.view().into()),
        (loaded.inputs[1], mask.view().into()),
        (loaded.inputs[2], types.view().into()),
    ];
    let options = RunOptions::default().with_thread_pool(Some(loaded.pool.clone()));
    let [output] = loaded
        .model
        .run_n(inputs, [loaded.output], Some(options))
        .map_err(|e| fail(&e))?;
    let hidden: NdTensor<f32, 3> = output
        .try_into()
        .map_err(|_| ModelError("unexpected output".into()))?;
    let rows = hidden
        .data()
        .ok_or_else(|| ModelError("unexpected output".into()))?;
    let mut vector = [0.0_f32; DIMENSIONS];
    for row in rows.as_chunks::<DIMENSIONS>().0 {
        add(&mut vector, row);
    }
    let length = vector
        .iter()
        .map(|x| x * x)
        .sum::<f32>()
        .sqrt()
        .max(f32::MIN_POSITIVE);
    for x in &mut vector {
        *x /= length;
    }
    Ok(Embedded {
        vector: vector.to_vec(),
        pieces: pieces(loaded, &read, rows.as_chunks().0),
    })
}

fn add(sum: &mut [f32; DIMENSIONS], row: &[f32; DIMENSIONS]) {
    for (sum, x) in sum.iter_mut().zip(row) {
        *sum += x;
    }
}

/// The vectors of the word pieces that say something: the mean over a piece's places, made short.
#[expect(clippy::cast_precision_loss, reason = "at most 256 places")]
fn pieces(loaded: &Loaded, ids: &[i32], rows: &[[f32; DIMENSIONS]]) -> Vec<Piece> {
    let mut places: Vec<(u16, Vec<usize>)> = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let Ok(id) = u16::try_from(*id) else { continue };
        if let Some((_, known)) = places.iter_mut().find(|(known, _)| *known == id) {
            known.push(at);
        } else if loaded
            .tokenizer
            .model()
            .get_token_str(u32::from(id))
            .is_some_and(|piece| counts(&piece))
        {
            places.push((id, vec![at]));
        }
    }
    places
        .into_iter()
        .filter_map(|(id, places)| {
            let mut mean = [0.0_f32; DIMENSIONS];
            for place in &places {
                add(&mut mean, rows.get(*place)?);
            }
            for x in &mut mean {
                *x /= places.len() as f32;
            }
            loaded.projection.piece(id, &mean)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_hard_word_does_not_stop_the_embedder() {
        let embedder = Embedder::new(
            include_bytes!("../../assets/model/minilm-l6-v2.int8.onnx"),
            include_str!("../../assets/model/tokenizer.json"),
        );
        // Each of these once ended the thread inside the tokenizer.
        for word in ["TAKAFUL", "ICAAP", "\u{0}\u{fffd}", ""] {
            let vector = embedder.embed(word).unwrap().vector;
            let length: f32 = vector.iter().map(|x| x * x).sum();
            assert!((length - 1.0).abs() < 1e-3, "{word:?}");
        }
        // Nobody sees a direction mark, and the model must not either.
        assert_eq!(
            embedder.embed("Rule \u{200e}5.1\u{200e} applies").unwrap(),
            embedder.embed("Rule 5.1 applies").unwrap()
        );
        assert_ne!(
            embedder.embed("TAKAFUL").unwrap(),
            embedder.embed("ICAAP").unwrap()
        );
    }
}
