import type { Json } from '@flow/kernel';
import { effortOf } from '@flow/testing/kernel';
import fc from 'fast-check';
import { renderTemplate } from './render';
import { TemplateFault } from './template.errors';

function render(template: string, data: Json = null): string {
  return renderTemplate(template, data);
}

function faultOf(template: string, data: Json = null): string {
  try {
    return `rendered ${render(template, data)}`;
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error;
    return `${error.kind}: ${error.message}`;
  }
}

describe('a template', () => {
  it.each<[string, Json, string]>([
    ['plain text', null, 'plain text'],
    ['{{ .a.b }}', { a: { b: 'x' } }, 'x'],
    ['{{.}}', 7, '7'],
    ['{{ .missing }}|{{ .a.b.c }}', { a: 1 }, '|'],
    ['{{ .list }} {{ .map }} {{ .no }}', { list: [1, 'a'], map: { k: true }, no: null }, '[1,"a"] {"k":true} '],
    ['{{ "quoted \\" \\u00e9\\n" }}{{ `raw \\n` }}', null, 'quoted " é\nraw \\n'],
    ['{{ 1e3 }} {{ -2.5 }} {{ 0x10 }} {{ true }} {{ nil }}', null, '1000 -2.5 16 true '],
    ['a {{- /* a comment */ -}} b', null, 'ab'],
    ['a {{- 1 }} {{ 2 -}} b', null, 'a1 2b'],
    ['{{ $x := .a }}{{ $x }}{{ $x = "new" }}{{ $x }}', { a: 'old' }, 'oldnew'],
    ['{{ $d := . }}{{ $d.a.b }} {{ (index .list 1).n }}', { a: { b: 1 }, list: [0, { n: 2 }] }, '1 2'],
    ['{{ .名前 }}', { 名前: 'Ada' }, 'Ada'],
  ])('%s with %j gives %j', (template, data, text) => expect(render(template, data)).toBe(text));

  it('chooses with if, else if, else and with', () => {
    const template = '{{ if gt .n 10 }}big{{ else if gt .n 5 }}middle{{ else }}small{{ end }}';
    expect([20, 7, 1].map((n) => render(template, { n }))).toEqual(['big', 'middle', 'small']);
    expect(render('{{ with .a }}{{ .b }}{{ $.c }}{{ else }}none{{ end }}', { a: { b: 1 }, c: 2 })).toBe('12');
    expect(render('{{ with .a }}x{{ else }}none{{ end }}', {})).toBe('none');
    expect(render('{{ if $x := .a }}{{ $x }}{{ end }}', { a: 5 })).toBe('5');
    for (const empty of [0, '', null, false, [], {}])
      expect(render('{{ if . }}yes{{ else }}no{{ end }}', empty)).toBe('no');
  });

  it('goes over lists, dicts by sorted keys, and numbers', () => {
    expect(render('{{ range . }}<{{ . }}>{{ else }}none{{ end }}', ['a', 'b'])).toBe('<a><b>');
    expect(render('{{ range . }}x{{ else }}none{{ end }}', [])).toBe('none');
    expect(render('{{ range $k, $v := . }}{{ $k }}={{ $v }};{{ end }}', { b: 2, a: 1 })).toBe('a=1;b=2;');
    expect(render('{{ range $i, $v := . }}{{ if $i }},{{ end }}{{ $v }}{{ end }}', ['x', 'y'])).toBe('x,y');
    expect(render('{{ range 3 }}{{ . }}{{ end }}')).toBe('012');
    expect(
      render(
        '{{ range . }}{{ if eq . 2 }}{{ continue }}{{ end }}{{ if eq . 4 }}{{ break }}{{ end }}{{ . }}{{ end }}',
        [1, 2, 3, 4, 5],
      ),
    ).toBe('13');
  });

  it('pipes a value into the last argument of a function', () => {
    expect(render('{{ .a | add 1 | mul 10 }}', { a: 2 })).toBe('30');
    expect(render('{{ .a | default "x" }}{{ .b | default "x" }}', { a: 'a' })).toBe('ax');
  });

  it.each<[string, string]>([
    ['{{ dict "a" 1 "b" (list 1 2) }}', '{"a":1,"b":[1,2]}'],
    ['{{ merge (dict "a" 1 "b" 1) (dict "b" 2) (dict "c" 3) }}', '{"a":1,"b":2,"c":3}'],
    ['{{ get (dict "a" 1) "a" }}{{ get (dict) "a" }}', '1'],
    ['{{ set (dict "a" 1) "b" 2 }}', '{"a":1,"b":2}'],
    ['{{ unset (dict "a" 1 "b" 2) "a" }}', '{"b":2}'],
    ['{{ hasKey (dict "a" nil) "a" }} {{ hasKey (dict) "a" }}', 'true false'],
    ['{{ append (list 1) 2 3 }}', '[1,2,3]'],
    ['{{ keys (dict "b" 1 "a" 2) }}{{ values (dict "b" 1 "a" 2) }}', '["a","b"][2,1]'],
    ['{{ pick (dict "a" 1 "b" 2) "a" "c" }}{{ omit (dict "a" 1 "b" 2) "a" }}', '{"a":1}{"b":2}'],
    ['{{ pluck "a" (dict "a" 1) (dict "b" 2) (dict "a" 3) }}', '[1,3]'],
    ['{{ add 1 2 3 }} {{ sub 5 7 }} {{ mul 2 3 4 }} {{ div 7 2 }} {{ add "1" 2 }}', '6 -2 24 3.5 3'],
    ['{{ eq 1 1 }} {{ eq 1 2 1 }} {{ ne "a" "b" }} {{ lt 1 2 }} {{ ge "b" "a" }}', 'true true true true true'],
    ['{{ and 1 0 (div 1 0) }} {{ or "" "x" (div 1 0) }} {{ not "" }}', '0 x true'],
    ['{{ len "é漢" }} {{ len (list 1) }} {{ index (dict "a-b" (list 5)) "a-b" 0 }}', '2 1 5'],
    ['{{ print "a" 1 nil }} {{ toJson "x\\"y" }}', 'a1 "x\\"y"'],
  ])('%s gives %s', (template, text) => expect(render(template)).toBe(text));

  it('collects values by key as the templates of the Go service do', () => {
    const template = `{ {{- $output := dict -}}
      {{- range .relationships }}
        {{- $key := .end.name }}
        {{- if not (hasKey $output $key) }}{{- $output = merge $output (dict $key (list .end.id)) }}
        {{- else }}{{- $output = merge $output (dict $key (append (get $output $key) .end.id)) }}{{- end }}
      {{- end }}
      {{- $first := true }}
      {{- range $key, $values := $output }}{{- if not $first }}, {{- end }}{{- $first = false }}
        "{{ $key }}": [ {{- range $i, $value := $values }}{{- if $i }},{{ end }}"{{ $value }}"{{- end }}]
      {{- end }}
    }`;
    const end = (name: string, id: string) => ({ end: { name, id } });
    const text = render(template, { relationships: [end('a', '1'), end('b', '2'), end('a', '3')] });
    expect(JSON.parse(text)).toEqual({ a: ['1', '3'], b: ['2'] });
  });

  it('never changes the data that it is given', () => {
    const data = { d: { a: 1 }, l: [1] };
    expect(render('{{ $_ := set .d "b" 2 }}{{ .d }}{{ append .l 2 }}{{ .l }}', data)).toBe('{"a":1,"b":2}[1,2][1]');
    expect(data).toEqual({ d: { a: 1 }, l: [1] });
  });
});

describe('what a template is refused for', () => {
  it.each([
    ['{{ .a', 'invalid: Line 1: A {{ is never closed.'],
    ['\n\n{{ if .a }}x', 'invalid: An {{if}}, {{range}} or {{with}} has no {{end}}.'],
    ['a\n{{ end }}', 'invalid: Line 2: {{end}} closes nothing.'],
    ['{{ }}', 'invalid: Line 1: There is nothing between {{ and }}.'],
    ['{{ nope 1 }}', 'invalid: Line 1: There is no function "nope".'],
    ['{{ $x }}', 'invalid: Line 1: There is no variable $x.'],
    ['{{ if 1 }}{{ $x := 1 }}{{ end }}{{ $x }}', 'invalid: Line 1: There is no variable $x.'],
    ['{{ break }}', 'invalid: Line 1: {{break}} stands in no {{range}}.'],
    ['{{ .a "b" }}', 'invalid: Line 1: Only a function takes arguments.'],
    ['{{ template "x" }}', 'invalid: Line 1: {{template}} is not supported.'],
    ['{{ define "x" }}{{ end }}', 'invalid: Line 1: {{define}} is not supported.'],
    ['{{ a.b() }}', 'invalid: Line 1: There is no function "a".'],
    ['{{ "a\\q" }}', 'invalid: Line 1: "\\q" is no escape.'],
    ['{{ 1 ; 2 }}', 'invalid: Line 1: "; 2 }}" cannot stand between {{ and }}.'],
    ['{{ if 1 }}{{ else }}{{ else }}{{ end }}', 'invalid: Line 1: A second {{else}} stands where {{end}} belongs.'],
    ['\n{{ div 1 0 }}', 'failed: Line 2: "div": division by zero.'],
    ['{{ add "x" }}', 'failed: Line 1: "add": a number is needed.'],
    ['{{ get "x" "y" }}', 'failed: Line 1: "get": a dict is needed.'],
    ['{{ dict "a" }}', 'failed: Line 1: "dict": keys and values must come in pairs.'],
    ['{{ range "text" }}{{ end }}', 'failed: Line 1: range goes over a list, a dict or a number.'],
    ['{{ index (list 1) 5 }}', 'failed: Line 1: "index": the list has no index 5.'],
    ['{{ 1 | 2 }}', 'failed: Line 1: Only a function takes what is piped into it.'],
    ['{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}', 'failed: A value is nested too deep, or holds itself.'],
  ])('%j: %s', (template, fault) => expect(faultOf(template)).toBe(fault));

  it.each([
    ['a loop without an end', '{{ range 1e9 }}{{ end }}'],
    ['loops in loops', '{{ range 1000 }}{{ range 1000 }}{{ range 1000 }}{{ end }}{{ end }}{{ end }}'],
    ['text that doubles', '{{ $s := "xxxxxxxx" }}{{ range 40 }}{{ $s = print $s $s }}{{ end }}{{ $s }}'],
    [
      'dicts that hold each other twice',
      '{{ $d := dict "a" 1 }}{{ range 60 }}{{ $d = dict "a" $d "b" $d }}{{ end }}{{ $d }}',
    ],
    [
      'comparisons of such dicts',
      '{{ $d := dict }}{{ range 60 }}{{ $d = dict "a" $d "b" $d }}{{ end }}{{ eq $d (dict "x" $d) }}',
    ],
    ['a list that grows for ever', '{{ $l := list }}{{ range 100000 }}{{ $l = append $l $l }}{{ end }}'],
    ['much output', '{{ range 100000 }}0123456789012345678901234567890123456789012345678901234567890{{ end }}'],
  ])('%s stops at the limit', async (_what, template) => {
    expect(await effortOf(() => expect(faultOf(template)).toMatch(/^too_costly: /))).toBeLessThan(2_000);
  });

  it.each<[string, string, Json]>([
    [
      'lengths of a long text',
      '{{ range 100000 }}{{ if eq (len $.s) 3 }}x{{ end }}{{ end }}',
      { s: 'x'.repeat(900_000) },
    ],
    [
      'comparisons of long texts',
      '{{ range 100000 }}{{ if lt $.s $.s }}x{{ end }}{{ end }}',
      { s: 'x'.repeat(900_000) },
    ],
    [
      'keys that are sorted again and again',
      '{{ range 100000 }}{{ range $.d }}{{ break }}{{ end }}{{ end }}',
      { d: Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${(i * 7919) % 20_000}`, 1])) },
    ],
    [
      'variables that stand in the way',
      `${'{{$a:=1}}'.repeat(20_000)}{{ range 100000 }}{{ if $.z }}{{ end }}{{ end }}`,
      {},
    ],
    [
      'a long list of keys',
      '{{ $d := dict }}{{ range 100000 }}{{ if pick $d $.l }}{{ end }}{{ end }}',
      { l: Array.from({ length: 60_000 }, (_, i) => `k${i}`) },
    ],
    [
      'dicts to pluck from',
      '{{ range 100000 }}{{ if pluck "a" $.l }}{{ end }}{{ end }}',
      { l: Array.from({ length: 60_000 }, () => ({})) },
    ],
  ])('%s stop at the limit', async (_what, template, data) => {
    expect(await effortOf(() => expect(faultOf(template, data)).toMatch(/^too_costly: /))).toBeLessThan(1_000);
  });

  it('a text that is far too long for a number is none', () => {
    expect(faultOf('{{ add .n 1 }}', { n: '1'.repeat(100_000) })).toMatch(/^failed: .*a number is needed/);
  });

  it('deep nesting is refused before it is followed', () => {
    expect(faultOf('{{ if 1 }}'.repeat(1000))).toMatch(/^invalid: /);
    expect(faultOf(`{{ ${'('.repeat(10_000)}1${')'.repeat(10_000)} }}`)).toMatch(/^invalid: .*nested deeper/);
  });
});

describe('host objects', () => {
  it.each(['constructor', '__proto__', 'prototype', 'toString', 'valueOf', 'length', 'size', 'get', 'hasOwnProperty'])(
    'are out of reach through %s',
    (name) => {
      for (const data of [{}, [], 'text', 7, { a: {} }]) {
        expect(render(`{{ .${name} }}{{ .a.${name} }}`, data)).toBe('');
        expect(render(`{{ $x := . }}{{ $x.${name}.${name} }}`, data)).toBe('');
      }
      expect(render(`{{ get (dict) "${name}" }}{{ hasKey (dict) "${name}" }}`)).toBe('false');
      expect(render(`{{ $d := set (dict) "${name}" 1 }}{{ get $d "${name}" }}`)).toBe('1');
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    },
  );

  it('never come up, and nothing but a TemplateFault is thrown, whatever the template', () => {
    const piece = fc.constantFrom(
      '{{',
      '}}',
      '{{-',
      '-}}',
      ' ',
      '.',
      '.a',
      '$',
      '$x',
      ':=',
      '=',
      '|',
      '(',
      ')',
      ',',
      '"s"',
      '`',
      '1',
      'if',
      'else',
      'end',
      'range',
      'with',
      'break',
      'add',
      'dict',
      'list',
      'set',
      'index',
      'print',
      '.constructor',
      '__proto__',
      '/*',
      '*/',
      '\n',
      '\\',
      'é',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.jsonValue(), (pieces, data) => {
        faultOf(pieces.join(''), data as Json);
        faultOf(`{{ ${pieces.join(' ')} }}`, data as Json);
      }),
      { numRuns: 500 },
    );
  });
});
