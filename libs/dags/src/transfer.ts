import { RequestInvalid, pointerTo, type Json } from '@flow/kernel';
import {
  Composer,
  Lexer,
  LineCounter,
  Parser,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  stringify,
  type CST,
  type Document,
  type ParsedNode,
} from 'yaml';
import { optionalsOf, type Dag, type DagDefinition } from './dag';

export type TransferFormat = 'json' | 'yaml';

/** Enough for anchors that spare repetition, too few to blow a small text up. */
const MOST_ALIASES = 100;
/** More than any definition needs. The library recurses, and a text that exhausts the stack can end the whole process. */
const DEEPEST = 250;

/** A DAG as its author would send it: what is made by the store (ids, times, names of people) stays behind, nothing else. */
export function definitionOf(dag: Dag): DagDefinition {
  const { outputs, ...limits } = optionalsOf(dag);
  return {
    title: dag.title,
    description: dag.description,
    status: dag.status,
    type: dag.type,
    tags: dag.tags,
    labels: dag.labels,
    priority: dag.priority,
    vars: dag.vars,
    ...limits,
    steps: dag.steps,
    ...(outputs !== undefined && { outputs }),
    version: dag.version,
    changeLog: dag.changeLog,
  };
}

/** One definition as a document, several as a JSON list or as YAML documents one behind the other. */
export function writeDefinitions(definitions: readonly DagDefinition[], format: TransferFormat): string {
  const [only] = definitions;
  if (format === 'json') return `${JSON.stringify(definitions.length === 1 ? only : definitions, null, 2)}\n`;
  return definitions.map((one) => stringify(one, { lineWidth: 120, aliasDuplicateObjects: false })).join('---\n');
}

/** What a text holds: its definitions, unchecked, and whether they came as a list. */
export interface ReadDefinitions {
  readonly definitions: readonly unknown[];
  /** True for a JSON list, a YAML list or several YAML documents: faults then name the position first. */
  readonly many: boolean;
  /** Where the list stands when it is not the whole. */
  readonly at?: string;
}

/** Data that was parsed already (a JSON body). */
export function definitionsIn(data: unknown): ReadDefinitions {
  return Array.isArray(data)
    ? { definitions: data as readonly unknown[], many: true }
    : { definitions: [data], many: false };
}

/**
 * Reads a text of definitions. JSON is read as the YAML that it is, so that a key that stands twice is refused there, too.
 * Throws RequestInvalid for what is no document of this format, keys that stand twice, tags and too many aliases.
 */
export function readDefinitions(text: string, format: TransferFormat, limits: { characters: number }): ReadDefinitions {
  if (text.length > limits.characters)
    throw refused('import.too_large', `The text has ${text.length} characters; ${limits.characters} are allowed.`);
  if (format === 'json') assertJson(text);
  const lines = new LineCounter();
  const composer = new Composer({ uniqueKeys: false, schema: 'core', merge: false, logLevel: 'silent' });
  const values = [...composer.compose(tokensOf(text, lines))].map((document) => valueOf(document, lines));
  if (values.length === 0) throw refused('import.empty', 'The text holds no definition.');
  return values.length === 1 ? definitionsIn(values[0]) : { definitions: values, many: true };
}

/** What the composer reads; stops before the text nests deeper than the composer may go. */
function* tokensOf(text: string, lines: LineCounter): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > DEEPEST)
      throw refused('import.too_deep', `The text nests deeper than ${DEEPEST} levels.`);
  }
  yield* parser.end();
}

function assertJson(text: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw refused(
      'import.unreadable',
      `The text is no JSON: ${error instanceof Error ? error.message : 'it ends early'}.`,
    );
  }
}

function valueOf(document: Document.Parsed, lines: LineCounter): Json {
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) {
    const { line, col } = lines.linePos(fault.pos[0]);
    throw refused('import.unreadable', `Line ${line}, column ${col}: ${fault.message}`);
  }
  assertPlain(document.contents);
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES }) as Json;
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    if (error.message.startsWith('Excessive'))
      throw refused('import.too_many_aliases', 'The text uses too many aliases.');
    throw refused('import.unreadable', `The text is no YAML that can be taken: ${error.message}`);
  }
}

/** Keys are scalars and stand once; nothing names a type of its own. (The library's own check of keys is quadratic.) */
function assertPlain(root: ParsedNode | null): void {
  const stack: { node: unknown; pointer: string }[] = [{ node: root, pointer: '' }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { node, pointer } = next;
    const tag = (node as { tag?: string } | null)?.tag;
    if (tag !== undefined && !isAlias(node) && !/^tag:yaml\.org,2002:(map|seq|str|int|float|bool|null)$/.test(tag))
      throw refused('import.unreadable', `Tags such as ${tag} are not taken.`, pointer);
    if (isSeq(node)) node.items.forEach((item, i) => stack.push({ node: item, pointer: pointerTo(pointer, i) }));
    if (!isMap(node)) continue;
    const seen = new Set<string>();
    for (const pair of node.items) {
      if (!isPair(pair) || !isScalar(pair.key)) throw refused('import.unreadable', 'A key is no text.', pointer);
      const key = String(pair.key.value);
      const at = pointerTo(pointer, key);
      if (seen.has(key)) throw refused('import.key_duplicate', `The key "${key}" stands twice.`, at);
      seen.add(key);
      stack.push({ node: pair.value, pointer: at });
    }
  }
}

function refused(code: string, message: string, pointer = ''): RequestInvalid {
  return new RequestInvalid([{ pointer, code, message }], code);
}
