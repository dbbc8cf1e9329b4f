import type { ErrorKind } from '@flow/kernel';
import { STATUS_OF } from '@flow/http';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export interface ErrorEntry {
  readonly code: string;
  readonly status: number;
  readonly meaning: string;
}

export interface ErrorCatalogue {
  /** `code` of the problem itself. */
  readonly problems: readonly ErrorEntry[];
  /** `code` of the entries of `errors`, and of what failed runs and their steps say. */
  readonly facts: readonly string[];
}

/** Calls that are given codes; elsewhere only what has an underscore is one (`dag.view` is a permission). */
const TELLS = /(^|\.)(at|refused|\w*(fault|fail|problem)\w*)$/i;
const CODE = /^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/;

/** Sources of all libs and apps, specs and test helpers aside. */
export function sourcesUnder(root: string): string[] {
  const found: string[] = [];
  // What the console calls its own troubles no server answers.
  const ofBrowsers = join(root, 'apps', 'console');
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (path !== ofBrowsers && !['testing', 'test', 'node_modules'].includes(entry.name)) walk(path);
      } else if (/\.ts$/.test(entry.name) && !/\.(spec|d)\.ts$/.test(entry.name)) found.push(path);
    }
  };
  for (const folder of ['libs', 'apps']) walk(join(root, folder));
  return found.sort();
}

/**
 * Reads the codes out of the sources: classes with a `kind` and a `code` of their own are problems; every other literal that is given as
 * `code` names a fault. Reading the code itself means that nothing has to be registered, and so that nothing can be forgotten.
 */
export function catalogueOf(files: readonly string[]): ErrorCatalogue {
  const problems = new Map<string, ErrorEntry>();
  const facts = new Set<string>();
  for (const file of files) {
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
    const visit = (node: ts.Node): void => {
      if (ts.isClassDeclaration(node)) {
        const refusal = parentOf(node) === 'RequestInvalid';
        const code = literalMember(node, 'code') ?? (refusal ? codeGivenTo(node) : undefined);
        const kind = (literalMember(node, 'kind') ?? (refusal ? 'invalid' : undefined)) as ErrorKind | undefined;
        if (code !== undefined && kind !== undefined)
          problems.set(code, { code, status: STATUS_OF[kind], meaning: meaningOf(node) });
      } else if (
        ts.isPropertyAssignment(node) &&
        node.name.getText() === 'code' &&
        ts.isStringLiteralLike(node.initializer)
      ) {
        facts.add(node.initializer.text);
      } else if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
        const tells = TELLS.test(node.expression.getText());
        for (const argument of node.arguments ?? [])
          if (ts.isStringLiteralLike(argument) && CODE.test(argument.text) && (tells || argument.text.includes('_')))
            facts.add(argument.text);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  problems.set('request.invalid', {
    code: 'request.invalid',
    status: 400,
    meaning: '`errors` names every fault of the request with its pointer.',
  });
  return {
    problems: [...problems.values()].sort((a, b) => (a.code < b.code ? -1 : 1)),
    facts: [...facts].filter((code) => CODE.test(code) && !problems.has(code)).sort(),
  };
}

/** docs/errors.md. */
export function errorsPage({ problems, facts }: ErrorCatalogue): string {
  const rows = problems.map(
    ({ code, status, meaning }) => `| \`${code}\` | ${status} | ${meaning.replaceAll('|', '\\|')} |`,
  );
  return [
    '# Error codes',
    '',
    'Made from the sources; `UPDATE_ERRORS=1 npx jest libs/http/src/error-catalogue` writes it anew. Codes are stable: a program may depend on them.',
    '',
    'Errors are `application/problem+json` (RFC 9457): `type`, `title`, `status`, `code`, `detail`, `instance`, `requestId`, and `errors` with a JSON',
    'pointer, a code and a message for each fault.',
    '',
    '## `code` of a problem',
    '',
    '| Code | Status | Meaning |',
    '|---|---|---|',
    ...rows,
    '',
    '## Codes in `errors`, and of runs and steps that fail',
    '',
    ...facts.map((code) => `- \`${code}\``),
    '',
  ].join('\n');
}

function literalMember(node: ts.ClassDeclaration, name: string): string | undefined {
  for (const member of node.members)
    if (ts.isPropertyDeclaration(member) && member.name.getText() === name) {
      const value =
        member.initializer && ts.isAsExpression(member.initializer)
          ? member.initializer.expression
          : member.initializer;
      if (value && ts.isStringLiteralLike(value)) return value.text;
    }
  return undefined;
}

function parentOf(node: ts.ClassDeclaration): string | undefined {
  const clause = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
  return clause?.types[0]?.expression.getText();
}

/** The code that a class hands to the constructor of RequestInvalid: `super(faults, 'input.invalid')`. */
function codeGivenTo(node: ts.ClassDeclaration): string | undefined {
  let code: string | undefined;
  const visit = (inner: ts.Node): void => {
    if (ts.isCallExpression(inner) && inner.expression.kind === ts.SyntaxKind.SuperKeyword) {
      const [, given] = inner.arguments;
      if (given && ts.isStringLiteralLike(given)) code = given.text;
    }
    ts.forEachChild(inner, visit);
  };
  visit(node);
  return code;
}

/** The class's comment, else the message that it gives to `super`, with its variables as `…`. */
function meaningOf(node: ts.ClassDeclaration): string {
  const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const said = comment && ts.getTextOfJSDocComment(comment.comment);
  if (said) return said.replace(/\s+/g, ' ').trim();
  let message = '';
  const visit = (inner: ts.Node): void => {
    const first =
      ts.isCallExpression(inner) && inner.expression.kind === ts.SyntaxKind.SuperKeyword && inner.arguments[0];
    if (first && ts.isStringLiteralLike(first)) message ||= first.text;
    else if (first && ts.isTemplateExpression(first))
      message ||= first.head.text + first.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
    ts.forEachChild(inner, visit);
  };
  visit(node);
  // Without either, the name of the class has to do: `AssignRefused` → `Assign refused.`
  const name = (node.name?.text ?? '').replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return message.replace(/\s+/g, ' ').trim() || `${name}.`;
}
