//! What may follow what in the command language: tokens become commands,
//! assignments and conditions, as tmux(1) has them. It knows no quotes and no
//! command, and runs nothing.
//!
//! ```text
//! text       = { [ statement ] newline }
//! statement  = %hidden NAME=value | commands
//!            | %if x newline lines { %elif x newline lines }
//!              [ %else newline lines ] %endif
//! commands   = part { ; { ; } part } { ; }
//! part       = NAME=value | [ NAME=value ] word { word | NAME=value | block }
//!            | %if x commands { %elif x commands } [ %else commands ] %endif
//! block      = { { [ statement ] newline } [ statement ] }
//! ```

use super::lex::{
    Assigned, Assignment, Group, Item, LexError, Lexer, MAX_DEPTH, Source, Token, Word,
};

/// Reads all that a lexer gives, to the first fault.
pub(super) fn read(
    lexer: Lexer<'_>,
    source: &Source<'_>,
    items: &mut Vec<Item>,
) -> Result<(), LexError> {
    let mut reader = Reader {
        lexer,
        condition: source.condition,
        assign: source.assign,
        token: Token::Newline,
        items,
        last: None,
        blocks: Vec::new(),
        branches: Vec::new(),
    };
    reader.advance()?;
    while reader.token != Token::End {
        reader.statement()?;
        reader.newline()?;
    }
    Ok(())
}

/// One open `%if`.
struct Branch {
    /// Whether what stands here counts.
    active: bool,
    /// Whether a branch was taken already.
    taken: bool,
}

struct Reader<'a> {
    lexer: Lexer<'a>,
    condition: &'a dyn Fn(&str, &Assigned) -> bool,
    /// Whether what is assigned holds from there on.
    assign: bool,
    /// The next token.
    token: Token,
    items: &'a mut Vec<Item>,
    /// The place of the last commands among the items.
    last: Option<usize>,
    /// Open blocks, the innermost last.
    blocks: Vec<Vec<Group>>,
    branches: Vec<Branch>,
}

impl Reader<'_> {
    /// Goes on to the next token, and gives the one before.
    fn advance(&mut self) -> Result<Token, LexError> {
        let next = self.lexer.token()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn newline(&mut self) -> Result<(), LexError> {
        if self.token != Token::Newline {
            return Err(self.lexer.syntax());
        }
        self.advance().map(drop)
    }

    fn active(&self) -> bool {
        self.branches.iter().all(|branch| branch.active)
    }

    /// What stands on a line, maybe nothing.
    fn statement(&mut self) -> Result<(), LexError> {
        match self.token {
            Token::Hidden => {
                self.advance()?;
                self.assignment(true)
            }
            Token::If => {
                self.open()?;
                if self.token == Token::Newline {
                    return self.branches(true);
                }
                self.branches(false)?;
                self.more_commands()
            }
            Token::Word(_) | Token::Assign(..) => {
                self.part()?;
                self.more_commands()
            }
            Token::End
            | Token::Newline
            | Token::Semicolon
            | Token::Open
            | Token::Close
            | Token::Format(_)
            | Token::Elif
            | Token::Else
            | Token::Endif => Ok(()),
        }
    }

    /// Takes an assignment, which holds from the next token on.
    fn assignment(&mut self, hidden: bool) -> Result<(), LexError> {
        let Token::Assign(name, value) = &self.token else {
            return Err(self.lexer.syntax());
        };
        let (name, value) = (name.clone(), value.clone());
        if self.active() {
            if self.assign {
                self.lexer.assigned.insert(name.clone(), value.clone());
            }
            self.items.push(Item::Assignment {
                line: self.lexer.line,
                set: Assignment {
                    name,
                    value,
                    hidden,
                },
            });
        }
        self.advance().map(drop)
    }

    fn commands(&mut self) -> Result<(), LexError> {
        self.part()?;
        self.more_commands()
    }

    fn more_commands(&mut self) -> Result<(), LexError> {
        while self.token == Token::Semicolon {
            while self.token == Token::Semicolon {
                self.advance()?;
            }
            if !matches!(self.token, Token::If | Token::Word(_) | Token::Assign(..)) {
                break;
            }
            self.part()?;
        }
        Ok(())
    }

    fn part(&mut self) -> Result<(), LexError> {
        if self.token == Token::If {
            self.open()?;
            return self.branches(false);
        }
        let assigns = matches!(self.token, Token::Assign(..));
        if assigns {
            self.assignment(false)?;
        }
        let Token::Word(name) = &self.token else {
            // An assignment may stand alone.
            return if assigns {
                Ok(())
            } else {
                Err(self.lexer.syntax())
            };
        };
        let mut words = vec![Word::new(name)];
        self.advance()?;
        loop {
            match &self.token {
                Token::Word(text) => words.push(Word::new(text)),
                Token::Assign(name, value) => words.push(Word::new(format!("{name}={value}"))),
                Token::Open => {
                    words.push(self.block()?);
                    continue;
                }
                _ => break,
            }
            self.advance()?;
        }
        self.add(words);
        Ok(())
    }

    /// Adds a command to its line's group.
    fn add(&mut self, words: Vec<Word>) {
        if !self.active() {
            return;
        }
        let line = self.lexer.line;
        let last = match self.blocks.last_mut() {
            Some(block) => block.last_mut(),
            None => match self.last.and_then(|at| self.items.get_mut(at)) {
                Some(Item::Commands(group)) => Some(group),
                _ => None,
            },
        };
        if let Some(group) = last.filter(|group| group.line == line) {
            group.commands.push(words);
            return;
        }
        let group = Group {
            line,
            commands: vec![words],
        };
        if let Some(block) = self.blocks.last_mut() {
            block.push(group);
        } else {
            self.last = Some(self.items.len());
            self.items.push(Item::Commands(group));
        }
    }

    fn block(&mut self) -> Result<Word, LexError> {
        if self.blocks.len() == MAX_DEPTH {
            return Err(self.lexer.error("too deeply nested"));
        }
        self.advance()?;
        self.blocks.push(Vec::new());
        loop {
            self.statement()?;
            if self.token == Token::Close {
                break;
            }
            self.newline()?;
        }
        self.advance()?;
        Ok(Word::of_block(self.blocks.pop().unwrap_or_default()))
    }

    /// Reads `%if x`.
    fn open(&mut self) -> Result<(), LexError> {
        if self.branches.len() == MAX_DEPTH {
            return Err(self.lexer.error("too deeply nested"));
        }
        self.advance()?;
        let text = self.condition()?;
        let holds = self.active() && (self.condition)(&text, &self.lexer.assigned);
        self.branches.push(Branch {
            active: holds,
            taken: holds,
        });
        Ok(())
    }

    fn condition(&mut self) -> Result<String, LexError> {
        if !matches!(self.token, Token::Word(_) | Token::Format(_)) {
            return Err(self.lexer.syntax());
        }
        match self.advance()? {
            Token::Word(text) | Token::Format(text) => Ok(text),
            _ => Err(self.lexer.syntax()),
        }
    }

    /// Reads what follows `%if x` to its `%endif`, over several lines or in one.
    fn branches(&mut self, lines: bool) -> Result<(), LexError> {
        self.body(lines)?;
        while self.token == Token::Elif {
            self.advance()?;
            let text = self.condition()?;
            let Some(mut branch) = self.branches.pop() else {
                return Err(self.lexer.syntax());
            };
            let holds =
                !branch.taken && self.active() && (self.condition)(&text, &self.lexer.assigned);
            branch.active = holds;
            branch.taken |= holds;
            self.branches.push(branch);
            self.body(lines)?;
        }
        if self.token == Token::Else {
            if let Some(branch) = self.branches.last_mut() {
                branch.active = !branch.taken;
            }
            self.advance()?;
            self.body(lines)?;
        }
        if self.token != Token::Endif {
            return Err(self.lexer.syntax());
        }
        self.branches.pop();
        self.advance().map(drop)
    }

    fn body(&mut self, lines: bool) -> Result<(), LexError> {
        if !lines {
            return self.commands();
        }
        self.newline()?;
        loop {
            self.statement()?;
            self.newline()?;
            if matches!(self.token, Token::Elif | Token::Else | Token::Endif) {
                return Ok(());
            }
        }
    }
}
