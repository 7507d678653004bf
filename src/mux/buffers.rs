//! Paste buffers: the newest first, automatic ones bounded by `buffer-limit`.

use crate::base::{Label, Now, visible};

/// Bytes of a buffer that its sample shows.
const SAMPLE: usize = 200;

/// A paste buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buffer {
    /// Its name; `buffer0` and so on when it was not given one.
    pub name: String,
    /// What it holds, as it was copied.
    pub data: Vec<u8>,
    /// When it was filled.
    pub created: Now,
    /// Not named by anyone: the oldest go when there are too many.
    pub automatic: bool,
}

impl Buffer {
    /// The beginning of what it holds on one line, the rest as `...`.
    #[must_use]
    pub fn sample(&self) -> String {
        let begin = &self.data[..self.data.len().min(SAMPLE)];
        let mut text = visible(begin);
        if self.data.len() > SAMPLE || text.len() > SAMPLE {
            let mut cuts = (0..=SAMPLE.min(text.len())).rev();
            let cut = cuts.find(|at| text.is_char_boundary(*at));
            text.truncate(cut.unwrap_or(0));
            text.push_str("...");
        }
        text
    }
}

/// All paste buffers of a server.
#[derive(Debug, Default)]
pub struct Buffers {
    /// The newest first.
    list: Vec<Buffer>,
    next: u64,
}

impl Buffers {
    /// Largest buffer kept, in bytes.
    pub const MAX: usize = 64 << 20;

    /// Adds an automatic buffer and drops the oldest beyond `limit`.
    pub fn push(&mut self, data: Vec<u8>, limit: usize, now: Now) {
        self.push_named(None, data, limit, now);
    }

    /// The same with another beginning of its name than `buffer`.
    pub fn push_named(&mut self, prefix: Option<&str>, mut data: Vec<u8>, limit: usize, now: Now) {
        if data.is_empty() {
            return;
        }
        data.truncate(Self::MAX);
        let prefix = prefix.unwrap_or("buffer");
        let name = loop {
            let name = format!("{prefix}{}", self.next);
            self.next += 1;
            if self.get(Some(&name)).is_none() {
                break name;
            }
        };
        let fresh = Buffer {
            name,
            data,
            created: now,
            automatic: true,
        };
        self.list.insert(0, fresh);
        let mut kept = 0;
        self.list.retain(|buffer| {
            kept += usize::from(buffer.automatic);
            !buffer.automatic || kept <= limit.max(1)
        });
    }

    /// A name for a buffer, as it is kept.
    ///
    /// # Errors
    /// It is empty or has a control character, in tmux's words.
    pub fn checked(name: &str) -> Result<String, String> {
        match Label::name(name) {
            Some(clean) if clean.is_empty() => Err("empty buffer name".to_owned()),
            Some(clean) => Ok(clean.to_string()),
            None => Err(format!("invalid buffer name: {name}")),
        }
    }

    /// Fills a named buffer, made if there is none; the name was checked.
    pub fn set(&mut self, name: &str, mut data: Vec<u8>, now: Now) {
        data.truncate(Self::MAX);
        self.list.retain(|buffer| buffer.name != name);
        let fresh = Buffer {
            name: name.to_owned(),
            data,
            created: now,
            automatic: false,
        };
        self.list.insert(0, fresh);
    }

    /// The buffer of a name, or the newest automatic one.
    #[must_use]
    pub fn get(&self, name: Option<&str>) -> Option<&Buffer> {
        match name {
            Some(name) => self.list.iter().find(|buffer| buffer.name == name),
            None => self.top(),
        }
    }

    fn top(&self) -> Option<&Buffer> {
        self.list.iter().find(|buffer| buffer.automatic)
    }

    /// Renames a buffer; one that had the name goes. Whether it was there.
    pub fn rename(&mut self, old: &str, new: &str) -> bool {
        if !self.list.iter().any(|buffer| buffer.name == old) {
            return false;
        }
        self.list
            .retain(|buffer| buffer.name == old || buffer.name != new);
        for buffer in self.list.iter_mut().filter(|buffer| buffer.name == old) {
            buffer.name = new.to_owned();
            buffer.automatic = false;
        }
        true
    }

    /// Deletes a buffer by name, or the newest automatic one.
    pub fn delete(&mut self, name: Option<&str>) -> bool {
        let Some(name) = self.get(name).map(|buffer| buffer.name.clone()) else {
            return false;
        };
        self.list.retain(|buffer| buffer.name != name);
        true
    }

    /// All buffers, the newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Buffer> {
        self.list.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_drop_the_oldest_automatic_only() {
        let mut buffers = Buffers::default();
        buffers.set("kept", b"k".to_vec(), Now::default());
        for text in ["a", "b", "c"] {
            buffers.push(text.into(), 2, Now::default());
        }
        let names: Vec<_> = buffers.iter().map(|b| b.name.as_str()).collect();
        assert_eq!(names, ["buffer2", "buffer1", "kept"]);
        buffers.set("buffer3", b"mine".to_vec(), Now::default());
        buffers.push(b"d".to_vec(), 2, Now::default());
        assert!(buffers.get(Some("buffer4")).is_some());
        buffers.delete(Some("buffer4"));
        assert_eq!(
            buffers.get(None).map(|b| b.data.as_slice()),
            Some(&b"c"[..])
        );
        assert!(buffers.rename("kept", "mine") && buffers.delete(Some("mine")));
        assert!(!buffers.delete(Some("mine")));
    }

    #[test]
    fn samples_are_cut_and_show_controls() {
        let sample = |data: &[u8]| {
            let mut buffers = Buffers::default();
            buffers.push(data.to_vec(), 1, Now::default());
            buffers.get(None).map(Buffer::sample).unwrap_or_default()
        };
        assert_eq!(sample(b"a\n\xff\\"), "a\\n\\377\\\\");
        assert_eq!(sample(&[b'x'; 200]), "x".repeat(200));
        assert_eq!(sample(&[b'x'; 201]), format!("{}...", "x".repeat(200)));
        assert_eq!(
            sample("é".repeat(150).as_bytes()),
            format!("{}...", "é".repeat(100))
        );
        assert_eq!(sample(&[1; 60]).len(), 203);
    }

    #[test]
    fn names_are_checked_in_tmuxs_words() {
        for (name, answer) in [
            ("a:b", Ok("a:b".to_owned())),
            ("", Err("empty buffer name".to_owned())),
            ("a\nb", Err("invalid buffer name: a\nb".to_owned())),
        ] {
            assert_eq!(Buffers::checked(name), answer);
        }
    }
}
