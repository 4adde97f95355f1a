//! What the terminal shows: frames are painted into cells, and only the cells that differ from the last frame are sent, in
//! one synchronized update, so that terminals that know these never show half a frame.

use crossterm::cursor::MoveTo;
use crossterm::queue;
use crossterm::style::ResetColor;
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::io::{self, BufWriter, Write};

/// A terminal that is larger has a margin: its cells would cost more memory than a picture is worth.
const MOST: (u16, u16) = (1_000, 400);
/// What a terminal is taken for that does not know its size.
const USUAL: (u16, u16) = (80, 24);

/// The cells of a terminal.
pub(super) struct Picture<W: Write> {
    backend: CrosstermBackend<Synchronized<W>>,
    /// The terminal is drawn on in place of a screen of its own: what stood there before is not to be lost.
    inline: bool,
    /// For which size of the terminal `shown` was drawn; `None` if the terminal shows something else.
    size: Option<(u16, u16)>,
    shown: Buffer,
    next: Buffer,
}

impl<W: Write> Picture<W> {
    /// Frames go to `out`.
    pub(super) fn new(out: W, inline: bool) -> Picture<W> {
        Picture {
            backend: CrosstermBackend::new(Synchronized::new(out)),
            inline,
            size: None,
            shown: Buffer::default(),
            next: Buffer::default(),
        }
    }

    /// The terminal shows something else: the next frame is drawn whole.
    pub(super) fn forget(&mut self) {
        self.size = None;
    }

    /// Draws a frame on a terminal of `size`, columns and rows; gives what `paint` gives.
    pub(super) fn draw<T>(
        &mut self,
        size: (u16, u16),
        paint: impl FnOnce(Rect, &mut Buffer) -> T,
    ) -> io::Result<T> {
        let axis = |given: u16, usual: u16, most: u16| match given {
            0 => usual,
            given => given.min(most),
        };
        let area = Rect::new(
            0,
            0,
            axis(size.0, USUAL.0, MOST.0),
            axis(size.1, USUAL.1, MOST.1),
        );
        if self.size != Some(size) {
            self.begin(size.1)?;
            self.shown = Buffer::empty(area);
            self.next = Buffer::empty(area);
            self.size = Some(size);
        }
        let painted = paint(area, &mut self.next);
        self.backend.draw(self.shown.diff_iter(&self.next))?;
        if self.inline {
            // Terminals that change their size keep the cursor on its line: so it says where the picture begins.
            queue!(self.backend, MoveTo(0, 0))?;
        }
        std::mem::swap(&mut self.shown, &mut self.next);
        self.next.reset();
        Write::flush(&mut self.backend)?;
        Ok(painted)
    }

    /// Makes room for a new picture.
    fn begin(&mut self, rows: u16) -> io::Result<()> {
        queue!(self.backend, ResetColor)?;
        if self.inline {
            // The cursor stands where a picture begins, the old one or the first: what is below it goes, what is above it is
            // not ours and moves into the terminal's history. Line by line: some terminals keep what is cleared as a whole.
            self.backend.write_all(b"\r")?;
            for row in 0..rows.max(1) {
                if row > 0 {
                    self.backend.write_all(b"\n")?;
                }
                queue!(self.backend, Clear(ClearType::UntilNewLine))?;
            }
            queue!(self.backend, MoveTo(0, 0))
        } else {
            queue!(self.backend, Clear(ClearType::All))
        }
    }
}

/// A writer that opens a synchronized update at the first byte and closes it when it is flushed.
struct Synchronized<W: Write> {
    out: BufWriter<W>,
    open: bool,
}

impl<W: Write> Synchronized<W> {
    fn new(out: W) -> Self {
        Synchronized {
            // A whole frame at 160 × 48 fits, so that it goes out in one piece.
            out: BufWriter::with_capacity(1 << 16, out),
            open: false,
        }
    }
}

impl<W: Write> Write for Synchronized<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.open {
            self.open = true;
            queue!(self.out, BeginSynchronizedUpdate)?;
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.open {
            self.open = false;
            queue!(self.out, EndSynchronizedUpdate)?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Style;
    use std::cell::RefCell;
    use std::rc::Rc;

    #[test]
    fn a_frame_is_one_synchronized_update() {
        let mut bytes = Vec::new();
        let mut writer = Synchronized::new(&mut bytes);
        writer.flush().unwrap();
        writer.write_all(b"one ").unwrap();
        writer.write_all(b"frame").unwrap();
        writer.flush().unwrap();
        writer.flush().unwrap();
        drop(writer);
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "\u{1b}[?2026hone frame\u{1b}[?2026l"
        );
    }

    /// A terminal that shows what a picture sends it.
    #[derive(Clone)]
    struct Shown(Rc<RefCell<vt100::Parser>>);

    impl Shown {
        fn new(cols: u16, rows: u16) -> Shown {
            let some = |cells| std::num::NonZero::new(cells).unwrap();
            let parser = vt100::Parser::new(some(rows), some(cols), 100);
            Shown(Rc::new(RefCell::new(parser)))
        }

        fn rows(&self) -> Vec<String> {
            self.0.borrow().screen().rows(0, 80).collect()
        }
    }

    impl Write for Shown {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().process(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn lines(text: &'static str) -> impl Fn(Rect, &mut Buffer) {
        move |area, buffer| {
            for y in 0..area.height {
                let line = format!("{text} {y}");
                buffer.set_stringn(0, y, line, usize::from(area.width), Style::new());
            }
        }
    }

    #[test]
    fn a_frame_changes_what_differs_and_one_of_another_size_everything() {
        let shown = Shown::new(12, 3);
        let mut picture = Picture::new(shown.clone(), false);
        picture.draw((12, 3), lines("one")).unwrap();
        assert_eq!(shown.rows(), ["one 0", "one 1", "one 2"]);
        picture.draw((12, 3), lines("two")).unwrap();
        assert_eq!(shown.rows(), ["two 0", "two 1", "two 2"]);
        picture.draw((6, 2), lines("two")).unwrap();
        assert_eq!(shown.rows(), ["two 0", "two 1", ""]);
        // Somebody else has written on it.
        shown.clone().write_all(b"\x1b[1;1Hx").unwrap();
        picture.draw((6, 2), lines("two")).unwrap();
        assert_eq!(shown.rows(), ["xwo 0", "two 1", ""]);
        picture.forget();
        picture.draw((6, 2), lines("two")).unwrap();
        assert_eq!(shown.rows(), ["two 0", "two 1", ""]);
    }

    #[test]
    fn a_size_that_is_not_known_is_the_usual_one_and_a_huge_one_has_a_margin() {
        let mut areas = Vec::new();
        let mut picture = Picture::new(io::sink(), false);
        for size in [(0, 0), (0, 5), (u16::MAX, u16::MAX), (1, 1)] {
            picture
                .draw(size, |area, _| areas.push((area.width, area.height)))
                .unwrap();
        }
        assert_eq!(areas, [(80, 24), (80, 5), MOST, (1, 1)]);
    }

    #[test]
    fn drawn_inline_nothing_that_stood_there_is_lost() {
        let shown = Shown::new(12, 3);
        shown
            .clone()
            .write_all(b"before 1\r\nbefore 2\r\n")
            .unwrap();
        let mut picture = Picture::new(shown.clone(), true);
        picture.draw((12, 3), lines("one")).unwrap();
        picture.draw((12, 3), lines("two")).unwrap();
        assert_eq!(shown.rows(), ["two 0", "two 1", "two 2"]);
        // Lower, and higher again: a terminal may fetch back from its history what had gone there.
        picture.draw((12, 2), lines("two")).unwrap();
        picture.draw((12, 3), lines("end")).unwrap();
        assert_eq!(shown.rows(), ["end 0", "end 1", "end 2"]);
        let mut parser = shown.0.borrow_mut();
        assert_eq!(parser.screen().cursor_position(), (0, 0));
        parser.screen_mut().set_scrollback(usize::MAX);
        let rows: Vec<String> = parser.screen().rows(0, 80).collect();
        assert_eq!(rows, ["before 1", "before 2", "end 0"]);
    }
}
