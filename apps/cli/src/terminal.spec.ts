import { PassThrough } from 'node:stream';
import { Terminal } from './terminal';

function aTerminal(stream: { isTTY: boolean; columns?: number; rows?: number }, environment = {}) {
  const written = { out: '', err: '' };
  const make = (name: 'out' | 'err') => {
    const made = Object.assign(new PassThrough(), stream) as unknown as NodeJS.WriteStream;
    made.write = (text: string) => {
      written[name] += text;
      return true;
    };
    return made;
  };
  return { written, terminal: new Terminal(make('out'), make('err'), environment) };
}

describe('A terminal', () => {
  it.each([
    ['a person looks', { isTTY: true }, {}, true],
    ['the output is a file', { isTTY: false }, {}, false],
    ['NO_COLOR is set', { isTTY: true }, { NO_COLOR: '1' }, false],
    ['NO_COLOR is empty', { isTTY: true }, { NO_COLOR: '' }, true],
    ['it cannot show colours', { isTTY: true }, { TERM: 'dumb' }, false],
  ])('when %s has colours or has none', (_when, stream, environment, colours) => {
    const { terminal } = aTerminal(stream, environment);
    expect(terminal.paint('green', 'x')).toBe(colours ? '\x1b[32mx\x1b[39m' : 'x');
    expect(terminal.paintTold('bold', 'x').includes('\x1b')).toBe(colours);
  });

  it('obeys nothing of what it is told to show, and changes no data', () => {
    const { terminal, written } = aTerminal({ isTTY: true });
    terminal.say('a\x1b[2Jb\x1b]0;title\x07c\x9bd\re');
    expect(written.out).toBe('a\uFFFD[2Jb\uFFFD]0;title\uFFFDc\uFFFDd\uFFFDe\n');
    const data = { text: '\x1b[2J\x7f\x9b' };
    written.out = '';
    terminal.json(data);
    expect(written.out).not.toMatch(/[\x1b\x7f\x9b]/);
    expect(JSON.parse(written.out)).toEqual(data);
  });

  it('draws over what it drew, and takes it away before a line that stays', () => {
    const { terminal, written } = aTerminal({ isTTY: true, columns: 80, rows: 24 });
    terminal.draw(['a', 'b']);
    terminal.draw(['c']);
    terminal.tell('stays');
    expect(written).toEqual({ out: '', err: 'a\nb\n\x1b[2A\x1b[Jc\n\x1b[1A\x1b[Jstays\n' });
  });

  it('draws no more than fits, and nothing where nobody looks', () => {
    const small = aTerminal({ isTTY: true, columns: 6, rows: 4 });
    small.terminal.draw(['first', 'second', 'third']);
    expect(small.written.err).toBe('secon\nthird\n');
    const file = aTerminal({ isTTY: false });
    file.terminal.draw(['a']);
    file.terminal.tell('b');
    expect(file.written).toEqual({ out: '', err: 'b\n' });
  });
});
