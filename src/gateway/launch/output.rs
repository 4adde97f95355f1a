//! What a launched command writes: to a file, and its last lines for people.

use crate::text;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The most bytes of output that are kept in a file.
pub(super) const MAX_OUTPUT: u64 = 64 << 20;

/// Bytes of a line; a longer one is several.
const LINE: u64 = 4096;
/// The shortest secret that is looked for: a shorter one would be found everywhere.
const SHORTEST: usize = 6;
/// Lines that are remembered, and characters of each.
const LAST: (usize, usize) = (20, 300);
/// Lines a second that are handed on.
const A_SECOND: u32 = 5;

/// The output of one command, from its start to the end of the run, restarts included.
#[derive(Clone)]
pub(super) struct Output(Arc<Mutex<Kept>>);

struct Kept {
    file: Option<(File, PathBuf)>,
    room: u64,
    last: VecDeque<String>,
    secrets: Vec<String>,
    /// The length of the longest secret but one byte: so much of it may be before a cut.
    longest: usize,
    say: Box<dyn Fn(String) + Send>,
    /// When the present second began, lines handed on in it, and lines that were not.
    second: (Instant, u32, u64),
}

impl Output {
    /// Into a file at `path`, if one is wanted; its folder is made. `say` gets a few lines a second.
    pub(super) fn create(
        path: Option<&Path>,
        secrets: &[String],
        say: impl Fn(String) + Send + 'static,
    ) -> io::Result<Output> {
        let file = path.map(|path| Ok::<_, io::Error>((open(path)?, path.to_owned())));
        let file = file.transpose()?;
        let secrets = longest_first(secrets);
        Ok(Output(Arc::new(Mutex::new(Kept {
            longest: secrets.first().map_or(0, |it| it.len() - 1),
            file,
            room: MAX_OUTPUT,
            last: VecDeque::new(),
            secrets,
            say: Box::new(say),
            second: (Instant::now(), 0, 0),
        }))))
    }

    /// Reads `from` to its end, on a thread of its own.
    pub(super) fn follow(
        &self,
        name: &str,
        from: impl Read + Send + 'static,
    ) -> io::Result<JoinHandle<()>> {
        let output = self.clone();
        let name = name.to_owned();
        std::thread::Builder::new().name(name).spawn(move || {
            let mut from = BufReader::new(from);
            let mut line = Vec::new();
            loop {
                match (&mut from).take(LINE).read_until(b'\n', &mut line) {
                    Ok(0) => break,
                    Ok(_) => {
                        if line.ends_with(b"\n") {
                            output.kept().take(&line);
                            line.clear();
                            continue;
                        }
                        // Of a line that is cut the end stays: a secret may begin in it.
                        let mut kept = output.kept();
                        line = kept.clean(&line);
                        let cut = line.len().saturating_sub(kept.longest);
                        if cut > 0 {
                            kept.take(&line[..cut]);
                            line.drain(..cut);
                        }
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(_) => break,
                }
            }
            if !line.is_empty() {
                output.kept().take(&line);
            }
        })
    }

    /// A line of our own between those of the command.
    pub(super) fn note(&self, text: &str) {
        self.kept().write(format!("--- {text}\n").as_bytes());
    }

    /// The last lines, printable.
    pub(super) fn last(&self) -> Vec<String> {
        self.kept().last.iter().cloned().collect()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is looked for in a line: of what has several lines each one, and what is a part of something longer after that.
fn longest_first(secrets: &[String]) -> Vec<String> {
    let lines = secrets.iter().flat_map(|secret| secret.lines());
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    lines.retain(|line| line.len() >= SHORTEST);
    lines.sort_by_key(|line| std::cmp::Reverse(line.len()));
    lines.dedup();
    lines
}

/// An empty file that the user alone may read, whatever it was before: what gateways read and write has keys in it.
pub(super) fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    // One that was there keeps its mode, and what is no file of its own (a pipe, /dev/null) is left as it is.
    #[cfg(unix)]
    if file.metadata()?.is_file() {
        let _ = file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600));
    }
    Ok(file)
}

impl Kept {
    /// The line without secrets.
    fn clean(&self, line: &[u8]) -> Vec<u8> {
        let text = String::from_utf8_lossy(line);
        if !self.secrets.iter().any(|it| text.contains(it.as_str())) {
            return line.to_vec();
        }
        let hide = |text: String, secret: &String| text.replace(secret.as_str(), "[redacted]");
        let text = self.secrets.iter().fold(text.into_owned(), hide);
        text.into_bytes()
    }

    fn take(&mut self, line: &[u8]) {
        let line = self.clean(line);
        self.write(&line);
        let text = String::from_utf8_lossy(&line);
        let shown = text::printable(text.trim_end(), LAST.1);
        if shown.trim().is_empty() {
            return;
        }
        self.hand_on(&shown);
        if self.last.len() == LAST.0 {
            self.last.pop_front();
        }
        self.last.push_back(shown);
    }

    fn write(&mut self, bytes: &[u8]) {
        let size = bytes.len() as u64;
        let Some((file, _)) = self.file.as_mut().filter(|_| self.room > 0) else {
            return;
        };
        if size > self.room {
            self.room = 0;
            let _ = file.write_all(b"--- more than 64 MiB: the rest is left out\n");
            return;
        }
        self.room -= size;
        // A disk that is full costs the file, not the run; what was written last is remembered all the same.
        let _ = file.write_all(bytes);
    }

    /// A gateway that writes a line for each request must not drown what else is in the log.
    fn hand_on(&mut self, line: &str) {
        let (since, handed, kept_back) = &mut self.second;
        if since.elapsed() >= Duration::from_secs(1) {
            if *kept_back > 0 {
                let lines = if *kept_back == 1 { "line" } else { "lines" };
                let more = text::count(*kept_back);
                let path = self.file.as_ref().map(|(_, path)| path.display());
                let place = path.map_or_else(String::new, |path| format!(": {path}"));
                (self.say)(format!("… {more} more {lines}{place}"));
            }
            self.second = (Instant::now(), 1, 0);
            (self.say)(line.to_owned());
        } else if *handed < A_SECOND {
            *handed += 1;
            (self.say)(line.to_owned());
        } else {
            *kept_back += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn output(secrets: &[&str]) -> (tempfile::TempDir, Output, mpsc::Receiver<String>) {
        let folder = tempfile::tempdir().unwrap();
        let (tell, told) = mpsc::channel();
        let secrets: Vec<String> = secrets.iter().map(|it| (*it).to_owned()).collect();
        let path = folder.path().join("logs/a.log");
        let output = Output::create(Some(&path), &secrets, move |line| {
            let _ = tell.send(line);
        });
        (folder, output.unwrap(), told)
    }

    #[test]
    fn everything_is_in_the_file_and_the_last_lines_are_remembered() {
        let (folder, output, told) = output(&["sk-123", "sk-123-and-more"]);
        let mut text = String::new();
        for i in 0..40 {
            text.push_str(&format!("line {i} \u{1b}[31mred sk-123\n"));
            text.push_str(&format!("line {i} sk-123-and-more\n"));
        }
        text.push_str("no end");
        let follow = output.follow("reader", io::Cursor::new(text));
        follow.unwrap().join().unwrap();
        output.note("done");
        let file = std::fs::read_to_string(folder.path().join("logs/a.log")).unwrap();
        assert_eq!(file.lines().count(), 81);
        assert!(file.ends_with("no end--- done\n"), "{file}");
        assert!(!file.contains("sk-123") && !file.contains("and-more"));
        let last = output.last();
        assert_eq!((last.len(), last[19].as_str()), (20, "no end"));
        assert_eq!(
            last[17..19],
            ["line 39 ·[31mred [redacted]", "line 39 [redacted]"]
        );
        let handed: Vec<String> = told.try_iter().collect();
        assert_eq!(handed.len(), A_SECOND as usize, "{handed:?}");
    }

    #[test]
    fn a_line_without_an_end_does_not_grow_memory() {
        let (_folder, output, _told) = output(&[]);
        let endless = io::repeat(b'x').take(1 << 20);
        output.follow("reader", endless).unwrap().join().unwrap();
        assert_eq!(output.last()[0].chars().count(), LAST.1 + 1);
    }

    #[test]
    fn a_secret_across_a_cut_or_of_several_lines_is_hidden_too() {
        for at in 0..20 {
            let (folder, output, _told) =
                output(&["first-line-of-it\nsecond-line", "sk-long-secret"]);
            let mut text = "x".repeat(LINE as usize - at);
            text.push_str("sk-long-secret");
            text.push_str(&"y".repeat(2 * LINE as usize));
            text.push_str("\nfirst-line-of-it\nsecond-line\n");
            let follow = output.follow("reader", io::Cursor::new(text.clone()));
            follow.unwrap().join().unwrap();
            let file = std::fs::read_to_string(folder.path().join("logs/a.log")).unwrap();
            assert!(!file.contains("secret") && !file.contains("-line"), "{at}");
            assert_eq!(
                file.replace("[redacted]", "sk-long-secret").lines().next(),
                text.lines().next()
            );
        }
    }

    #[test]
    fn a_file_has_an_end() {
        let (folder, output, _told) = output(&[]);
        output.kept().room = 10;
        output.kept().take(b"12345678\n");
        output.kept().take(b"12345678\n");
        output.kept().take(b"x\n");
        let file = std::fs::read_to_string(folder.path().join("logs/a.log")).unwrap();
        assert!(file.starts_with("12345678\n--- more than 64 MiB"), "{file}");
        assert_eq!(file.lines().count(), 2);
    }
}
