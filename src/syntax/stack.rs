//! Stack for what recurses over a tree, which may nest deeper than the thread's own stack goes.

/// Bytes of stack for one more level: when fewer than these are left, a new piece is taken.
const RED_ZONE: usize = 256 * 1024;
const STACK_PIECE: usize = 4 * 1024 * 1024;
/// Bytes of stack that dropping one level of the tree takes at most.
const DROP_STACK: usize = 1024;

/// Visits one level of a tree, on a stack that grows with the nesting of the text.
pub(super) fn one_level_deeper(visit: impl FnOnce()) {
    stacker::maybe_grow(RED_ZONE, STACK_PIECE, visit);
}

/// Drops a tree of this depth, which the compiler's own code does by recursion.
pub(super) fn on_stack_for(depth: usize, drop_tree: impl FnOnce()) {
    stacker::maybe_grow(depth * DROP_STACK, 2 * depth * DROP_STACK, drop_tree);
}
