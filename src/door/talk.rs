//! The first words over a link, one after the other, before its streams are
//! carried. Each waits a bounded time.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::streams::LinkError;
use crate::wire::{Decoder, Link, MAX_LINK, encode};

/// The longest first word, in bytes: nobody is known yet.
const FIRST_MAX: usize = 4096;

/// How long each first word may take.
const WORD: Duration = Duration::from_secs(15);

/// Both sides' first words.
pub(crate) struct Talk<'a, S> {
    link: &'a mut S,
    decoder: Decoder,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Talk<'a, S> {
    pub(crate) fn new(link: &'a mut S) -> Self {
        Self {
            link,
            decoder: Decoder::new(FIRST_MAX),
        }
    }

    /// Says a word.
    ///
    /// # Errors
    /// The link is over.
    pub(crate) async fn say(&mut self, word: &Link) -> Result<(), LinkError> {
        let mut out = Vec::new();
        encode(word, &mut out).map_err(|_| LinkError::Wrong("a word is too long"))?;
        let write = async {
            self.link.write_all(&out).await?;
            self.link.flush().await
        };
        timeout(WORD, write).await.map_err(|_| LATE)??;
        Ok(())
    }

    /// What came after the last word, for [`super::streams::Streams::carry`].
    pub(crate) fn rest(mut self) -> Decoder {
        self.decoder.set_limit(MAX_LINK);
        self.decoder
    }

    /// Waits for the peer's next word.
    ///
    /// # Errors
    /// The link is over, or the peer is slow or says nonsense.
    pub(crate) async fn hear(&mut self) -> Result<Link, LinkError> {
        let hear = async {
            let mut buffer = vec![0; 4096];
            loop {
                let word = self.decoder.message();
                if let Some(word) = word.map_err(|_| NONSENSE)? {
                    return Ok(word);
                }
                let count = self.link.read(&mut buffer).await?;
                if count == 0 {
                    return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
                }
                self.decoder.push(&buffer[..count]);
            }
        };
        timeout(WORD, hear).await.map_err(|_| LATE)?
    }
}

const LATE: LinkError = LinkError::Wrong("the peer said nothing in time");
const NONSENSE: LinkError = LinkError::Wrong("the peer does not speak as it should");
