//! A list that is a tree: items that can be opened and closed, one of them
//! selected, some tagged, as many lines in sight as there is room for. It
//! knows nothing of what the items are but how to tell them apart.

use std::collections::BTreeMap;

use crate::base::{ClientId, Key, PaneId, SessionId, Size};

/// Which thing an item stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// A session.
    Session(SessionId),
    /// A window by its index in a session.
    Window(SessionId, u32),
    /// A pane of a window.
    Pane(SessionId, u32, PaneId),
    /// A paste buffer by its name.
    Buffer(String),
    /// A client.
    Client(ClientId),
    /// A heading.
    Heading(String),
    /// An option: its heading, its name, and the entry of an array.
    Option(String, String, Option<String>),
    /// A key of a table.
    Key(String, Key),
    /// An attribute of a key: command, note or repeat.
    KeyPart(String, Key, u8),
}

/// One item.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it stands for.
    pub node: Node,
    /// The item above it, by its place in the list.
    pub parent: Option<usize>,
    /// How deep it lies.
    pub depth: usize,
    /// Its name.
    pub name: String,
    /// What is said of it beside its name, styles included.
    pub text: Option<String>,
    /// What is below it is shown.
    pub expanded: bool,
    /// It is tagged.
    pub tagged: bool,
    /// It cannot be tagged.
    pub no_tag: bool,
    /// The preview is of the item above it.
    pub draw_as_parent: bool,
    /// Names are aligned with those beside it: 1 right, -1 left, 0 not.
    pub align: i8,
    /// Its shortcut.
    pub key: Option<Key>,
    /// There is something below it.
    pub has_children: bool,
    /// It is the last one below its parent.
    pub last: bool,
}

impl Item {
    /// An item; it is placed by [`Tree::replace`].
    #[must_use]
    pub fn new(node: Node, parent: Option<usize>, name: &str, text: Option<String>) -> Self {
        Self {
            node,
            parent,
            depth: 0,
            name: name.to_owned(),
            text,
            expanded: true,
            tagged: false,
            no_tag: false,
            draw_as_parent: false,
            align: 0,
            key: None,
            has_children: false,
            last: false,
        }
    }
}

/// How much room the preview has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preview {
    /// None.
    Off,
    /// A third or half of the rows.
    #[default]
    Normal,
    /// Three quarters of the rows.
    Big,
}

/// What a tree shows closed at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Closed {
    /// Nothing.
    #[default]
    Nothing,
    /// Sessions, and the windows in them.
    Sessions,
    /// Windows.
    Windows,
}

/// The list.
#[derive(Clone, Debug)]
pub struct Tree {
    /// All items, each after its parent and before what follows that.
    pub items: Vec<Item>,
    /// The lines: places of items that no closed one hides.
    pub lines: Vec<usize>,
    /// The selected line.
    pub current: usize,
    /// The first line in sight.
    pub offset: usize,
    /// The room for lines.
    pub height: usize,
    /// The screen's size.
    pub size: Size,
    /// How much room the preview has.
    pub preview: Preview,
    /// The rows that the preview takes, whatever is chosen for it.
    pub preview_rows: Option<usize>,
    /// The name of the sort order.
    pub order: &'static str,
    /// The order is turned round.
    pub reversed: bool,
    /// The filter leaves nothing, so that all is shown.
    pub no_matches: bool,
    /// What is closed when it appears.
    pub closed: Closed,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            lines: Vec::new(),
            current: 0,
            offset: 0,
            height: 0,
            size: Size::DEFAULT,
            preview: Preview::Normal,
            preview_rows: None,
            order: "",
            reversed: false,
            no_matches: false,
            closed: Closed::Nothing,
        }
    }
}

impl Tree {
    /// The selected item.
    #[must_use]
    pub fn selected(&self) -> Option<&Item> {
        self.items.get(*self.lines.get(self.current)?)
    }

    fn selected_mut(&mut self) -> Option<&mut Item> {
        self.items.get_mut(*self.lines.get(self.current)?)
    }

    /// Takes new items in; what is open, tagged and selected stays so, or
    /// `select` is. Items lie in order of their parents.
    pub fn replace(&mut self, mut items: Vec<Item>, select: Option<&Node>) {
        let selected = self.selected().map(|item| item.node.clone());
        let (line, count, offset) = (self.current, self.lines.len(), self.offset);
        let known: BTreeMap<Node, (bool, bool)> = std::mem::take(&mut self.items)
            .into_iter()
            .map(|item| (item.node, (item.expanded, item.tagged)))
            .collect();
        let mut last_below: BTreeMap<Option<usize>, usize> = BTreeMap::new();
        for at in 0..items.len() {
            let parent = items[at].parent.filter(|parent| *parent < at);
            let (depth, open) = parent.map_or((0, true), |parent| {
                (items[parent].depth + 1, items[parent].expanded)
            });
            if let Some(parent) = parent {
                items[parent].has_children = true;
            }
            let item = &mut items[at];
            item.depth = depth;
            if let Some((expanded, tagged)) = known.get(&item.node) {
                item.expanded = *expanded;
                item.tagged = *tagged && open;
            }
            last_below.insert(parent, at);
        }
        for at in last_below.into_values() {
            items[at].last = true;
        }
        self.items = items;
        self.lay_lines();
        self.select(select.or(selected.as_ref()));
        // Where nothing moved the lines in sight stay as well.
        if select.is_none() && (line, count) == (self.current, self.lines.len()) {
            self.offset = offset;
        }
    }

    /// Forgets what is selected: the next items begin with the first.
    pub fn restart(&mut self) {
        self.items.clear();
        self.lines.clear();
        (self.current, self.offset) = (0, 0);
    }

    /// Works out the lines anew.
    pub fn lay_lines(&mut self) {
        self.lines.clear();
        let mut shown = vec![false; self.items.len()];
        for (at, item) in self.items.iter().enumerate() {
            let seen = match item.parent {
                None => true,
                Some(parent) => shown[parent] && self.items[parent].expanded,
            };
            shown[at] = seen;
            if seen {
                self.lines.push(at);
            }
        }
    }

    /// Selects an item's line, or the last line if that is gone.
    pub fn select(&mut self, node: Option<&Node>) -> bool {
        let at = node.and_then(|node| self.line_of(node));
        let found = at.is_some();
        let last = self.lines.len().saturating_sub(1);
        if let Some(at) = at {
            self.current = at;
        } else if self.current > last {
            self.current = last;
        } else {
            return false;
        }
        self.bring_in_sight();
        found
    }

    /// The line of an item, if it is shown.
    #[must_use]
    pub fn line_of(&self, node: &Node) -> Option<usize> {
        self.lines
            .iter()
            .position(|at| self.items.get(*at).is_some_and(|item| item.node == *node))
    }

    /// Scrolls no further than the selected line needs.
    fn bring_in_sight(&mut self) {
        let least = self.current.saturating_sub(self.height.saturating_sub(1));
        self.offset = self.offset.clamp(least, self.current);
    }

    /// Takes a size in and works out the room for lines.
    pub fn resize(&mut self, size: Size) {
        let before = (self.size, self.height);
        self.size = size;
        let rows = usize::from(size.rows());
        let lines = self.lines.len();
        let fixed = self.preview_rows.filter(|preview| *preview < rows);
        self.height = match self.preview {
            Preview::Normal | Preview::Big if fixed.is_some() => rows - fixed.unwrap_or(0),
            Preview::Off => rows,
            Preview::Normal => {
                let mut height = rows / 3 * 2;
                if height > lines {
                    height = rows / 2;
                }
                if height < 10 { rows } else { height }
            }
            Preview::Big => (rows / 4).min(lines).max(2),
        };
        if fixed.is_none() && rows.saturating_sub(self.height) < 2 {
            self.height = rows;
        }
        if before != (size, self.height) {
            self.offset = 0;
        }
        self.bring_in_sight();
    }

    /// The tagged items, in order.
    pub fn tagged(&self) -> impl Iterator<Item = &Item> {
        let items = self.lines.iter().filter_map(|at| self.items.get(*at));
        items.filter(|item| item.tagged)
    }

    /// The tagged items, or the selected one if none is.
    #[must_use]
    pub fn chosen(&self) -> Vec<Node> {
        let mut nodes: Vec<Node> = self.tagged().map(|item| item.node.clone()).collect();
        if nodes.is_empty() {
            nodes.extend(self.selected().map(|item| item.node.clone()));
        }
        nodes
    }

    /// Goes up a line, from the first to the last if it wraps.
    pub fn up(&mut self, wrap: bool) {
        if self.current > 0 {
            self.current -= 1;
            if self.current < self.offset {
                self.offset -= 1;
            }
        } else if wrap && !self.lines.is_empty() {
            self.current = self.lines.len() - 1;
            self.offset = self.lines.len().saturating_sub(self.height);
        }
    }

    /// Goes down a line, from the last to the first if it wraps; whether it
    /// moved.
    pub fn down(&mut self, wrap: bool) -> bool {
        if self.current + 1 < self.lines.len() {
            self.current += 1;
            if self.current >= self.offset + self.height {
                self.offset += 1;
            }
            return true;
        }
        if wrap && !self.lines.is_empty() {
            self.current = 0;
            self.offset = 0;
        }
        wrap && !self.lines.is_empty()
    }

    /// Goes up or down a screen of lines, no further than the ends.
    pub fn page(&mut self, down: bool) {
        for _ in 0..self.height {
            if down {
                self.down(false);
            } else {
                self.up(false);
            }
        }
    }

    /// Goes to a line.
    pub fn go(&mut self, line: usize) {
        self.current = line.min(self.lines.len().saturating_sub(1));
        self.bring_in_sight();
    }

    /// Whether nothing beside an item can be opened.
    fn flat(&self, at: usize) -> bool {
        let parent = self.items.get(at).and_then(|item| item.parent);
        let mut beside = self.items.iter().filter(|item| item.parent == parent);
        beside.all(|item| !item.has_children)
    }

    /// Whether nothing beside a line's item can be opened, for each line.
    #[must_use]
    pub fn flat_lines(&self) -> Vec<bool> {
        let mut parents: BTreeMap<Option<usize>, bool> = BTreeMap::new();
        for item in &self.items {
            *parents.entry(item.parent).or_insert(true) &= !item.has_children;
        }
        let flat = |at: &usize| {
            let parent = self.items.get(*at).and_then(|item| item.parent);
            parents.get(&parent).copied().unwrap_or(true)
        };
        self.lines.iter().map(flat).collect()
    }

    /// Closes the selected item, or the one above it.
    pub fn collapse(&mut self) {
        let Some(at) = self.lines.get(self.current).copied() else {
            return;
        };
        let open = self.items[at].expanded;
        let target = if self.flat(at) || !open {
            self.items[at].parent
        } else {
            Some(at)
        };
        let Some(target) = target else {
            self.up(false);
            return;
        };
        self.items[target].expanded = false;
        let node = self.items[target].node.clone();
        self.lay_lines();
        self.select(Some(&node));
    }

    /// Opens the selected item, or goes on to the next line.
    pub fn expand(&mut self) {
        let Some(at) = self.lines.get(self.current).copied() else {
            return;
        };
        if self.flat(at) || self.items[at].expanded {
            self.down(false);
            return;
        }
        self.items[at].expanded = true;
        self.relay();
    }

    /// Opens or closes everything at the top.
    pub fn expand_all(&mut self, on: bool) {
        for item in self.items.iter_mut().filter(|item| item.parent.is_none()) {
            item.expanded = on;
        }
        self.relay();
    }

    /// Opens an item and those above it.
    pub fn reveal(&mut self, node: &Node) {
        let mut at = self.items.iter().position(|item| item.node == *node);
        while let Some(place) = at {
            at = self.items[place].parent;
            if let Some(parent) = at {
                self.items[parent].expanded = true;
            }
        }
        self.relay();
        self.select(Some(node));
    }

    fn relay(&mut self) {
        let node = self.selected().map(|item| item.node.clone());
        self.lay_lines();
        self.select(node.as_ref());
    }

    /// Tags the selected item, or takes its tag away. What is above and below
    /// one that is tagged is not. Whether the item can be tagged.
    pub fn tag(&mut self) -> bool {
        let Some(at) = self.lines.get(self.current).copied() else {
            return false;
        };
        let Some(item) = self.selected_mut().filter(|item| !item.no_tag) else {
            return false;
        };
        item.tagged = !item.tagged;
        if !item.tagged {
            return true;
        }
        let mut above = item.parent;
        while let Some(parent) = above {
            self.items[parent].tagged = false;
            above = self.items[parent].parent;
        }
        let depth = self.items[at].depth;
        for item in &mut self.items[at + 1..] {
            if item.depth <= depth {
                break;
            }
            item.tagged = false;
        }
        true
    }

    /// Takes every tag away.
    pub fn untag_all(&mut self) {
        self.items.iter_mut().for_each(|item| item.tagged = false);
    }

    /// Tags everything at the top, or below a heading that cannot be tagged.
    pub fn tag_all(&mut self) {
        let no_tag: Vec<bool> = self.items.iter().map(|item| item.no_tag).collect();
        for at in &self.lines {
            let item = &mut self.items[*at];
            item.tagged = match item.parent {
                None => !item.no_tag,
                Some(parent) => no_tag[parent],
            };
        }
    }

    /// The next line before or behind the selected one that lies beside it.
    #[must_use]
    pub fn beside(&self, forward: bool) -> Option<usize> {
        let depth = self.selected()?.depth;
        let mut at = self.current;
        loop {
            at = if forward { at + 1 } else { at.checked_sub(1)? };
            let other = self.items.get(*self.lines.get(at)?)?;
            if other.depth <= depth {
                return (other.depth == depth).then_some(at);
            }
        }
    }

    /// The next item that fits, hidden ones included, from the selected one
    /// on and round the end.
    #[must_use]
    pub fn find(&self, forward: bool, fits: &dyn Fn(&Item) -> bool) -> Option<Node> {
        let from = *self.lines.get(self.current)?;
        let count = self.items.len();
        (1..count)
            .map(|step| {
                if forward {
                    (from + step) % count
                } else {
                    (from + count - step) % count
                }
            })
            .map(|at| &self.items[at])
            .find(|item| fits(item))
            .map(|item| item.node.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(n: u32) -> Node {
        Node::Session(SessionId(n))
    }

    fn tree() -> Tree {
        let mut tree = Tree {
            preview: Preview::Off,
            ..Tree::default()
        };
        tree.resize(Size::new(80, 3));
        tree.replace(items(&[]), None);
        tree
    }

    fn items(without: &[Node]) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        for id in 0..3 {
            let parent = items.len();
            items.push(Item::new(session(id), None, &format!("s{id}"), None));
            for index in 0..2 {
                let node = Node::Window(SessionId(id), index);
                if !without.contains(&node) {
                    let name = format!("w{id}{index}");
                    items.push(Item::new(node, Some(parent), &name, None));
                }
            }
        }
        items
    }

    fn names(tree: &Tree) -> String {
        let shown = tree.lines.iter().map(|at| {
            let item = &tree.items[*at];
            format!("{}{}", item.name, if item.tagged { "*" } else { "" })
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn items_open_close_and_stay_so_when_made_again() {
        let mut tree = tree();
        assert_eq!(names(&tree), "s0 w00 w01 s1 w10 w11 s2 w20 w21");
        tree.collapse();
        assert_eq!(names(&tree), "s0 s1 w10 w11 s2 w20 w21");
        tree.replace(items(&[]), None);
        assert_eq!(names(&tree), "s0 s1 w10 w11 s2 w20 w21");
        tree.go(2);
        tree.collapse();
        assert_eq!(
            (names(&tree).as_str(), tree.current),
            ("s0 s1 s2 w20 w21", 1)
        );
        tree.expand();
        assert_eq!(names(&tree), "s0 s1 w10 w11 s2 w20 w21");
        tree.expand_all(false);
        assert_eq!(names(&tree), "s0 s1 s2");
        tree.reveal(&Node::Window(SessionId(2), 1));
        assert_eq!(
            (names(&tree).as_str(), tree.current),
            ("s0 s1 s2 w20 w21", 4)
        );
    }

    #[test]
    fn selection_wraps_and_survives_what_goes() {
        let mut tree = tree();
        tree.up(true);
        assert_eq!((tree.current, tree.offset), (8, 6));
        tree.replace(items(&[Node::Window(SessionId(2), 1)]), None);
        assert_eq!(tree.current, 7);
        tree.down(true);
        assert_eq!((tree.current, tree.offset), (0, 0));
        tree.page(true);
        assert_eq!((tree.current, tree.offset), (3, 1));
        assert_eq!(tree.beside(true), Some(6));
        tree.replace(Vec::new(), None);
        assert!(tree.selected().is_none() && !tree.down(true));
    }

    #[test]
    fn tags_are_never_above_each_other() {
        let mut tree = tree();
        tree.tag();
        assert_eq!(names(&tree), "s0* w00 w01 s1 w10 w11 s2 w20 w21");
        tree.go(1);
        tree.tag();
        assert_eq!(names(&tree), "s0 w00* w01 s1 w10 w11 s2 w20 w21");
        tree.tag_all();
        assert_eq!(names(&tree), "s0* w00 w01 s1* w10 w11 s2* w20 w21");
        tree.untag_all();
        assert_eq!(tree.chosen(), [Node::Window(SessionId(0), 0)]);
    }

    #[test]
    fn search_goes_round_and_finds_what_is_hidden() {
        let mut tree = tree();
        tree.expand_all(false);
        let fits = |item: &Item| item.name.ends_with('1');
        assert_eq!(tree.find(true, &fits), Some(Node::Window(SessionId(0), 1)));
        assert_eq!(tree.find(false, &fits), Some(Node::Window(SessionId(2), 1)));
        assert_eq!(tree.find(true, &|_| false), None);
    }
}
