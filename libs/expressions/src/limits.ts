/** What one expression may be and may cost; everything past it is refused, by name, never cut short. docs/expressions.md prints these. */

/** Characters of a text that holds `{{`; a text without may be as long as its document. */
export const MAX_TEMPLATE_LENGTH = 256 * 1024;
/** Characters between one pair of braces. */
export const MAX_EXPRESSION_LENGTH = 16 * 1024;
/** Parts of one expression's syntax tree. */
export const MAX_NODES = 4_000;
/** How deep an expression nests: brackets, calls, operators without brackets around them. Long chains of one operator count once. */
export const MAX_EXPRESSION_DEPTH = 100;
/** How deep the data nests that an expression renders, compares or builds. */
export const MAX_DATA_DEPTH = 256;

/** Cost of one evaluation: one for each step of the interpreter, two for each element that a macro visits, the rest as charged below. */
export const MAX_COST = 1_000_000;
/** Produced characters for one unit of cost: 16 Mi characters in all. */
export const CHARACTERS_PER_COST = 16;
/** Size of what one evaluation gives, as JSON: characters, and `NODE_SIZE` for each value. Shared parts count each time that they are shown. */
export const MAX_RESULT_SIZE = 64 * 1024 * 1024;
export const NODE_SIZE = 16;

/** Characters of a regular expression. */
export const MAX_PATTERN_LENGTH = 512;
/** Instructions of its compiled program. */
export const MAX_PATTERN_SIZE = 4_000;
/** Compiled patterns that are kept; the oldest goes first. */
export const MAX_CACHED_PATTERNS = 500;
