//! Rules of the loader, each on a small file.
