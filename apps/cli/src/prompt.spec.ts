import { PassThrough } from 'node:stream';
import { askHidden, askLine } from './prompt';

function aKeyboard() {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (raw: boolean) => modes.push(raw) });
  let shown = '';
  const output = new PassThrough().on('data', (piece: Buffer) => (shown += piece.toString()));
  return { input, output, modes, shown: () => shown };
}

describe('A hidden question', () => {
  it.each([
    ['typed', ['to', 'ken\r'], 'token'],
    ['pasted between marks', ['\x1b[200~token\x1b[201~', '\r'], 'token'],
    ['corrected', ['tokem\x7fn\n'], 'token'],
    ['begun anew', ['wrong\x15token\r'], 'token'],
    ['mixed with arrow keys', ['tok\x1b[Den\r'], 'token'],
  ])('takes what is %s, and shows nothing of it', async (_how, pieces, given) => {
    const { input, output, modes, shown } = aKeyboard();
    const answer = askHidden('Token: ', input, output);
    for (const piece of pieces) input.write(piece);
    expect(await answer).toBe(given);
    expect(shown()).toBe('Token: \n');
    expect(modes).toEqual([true, false]);
  });

  it('is left by Ctrl-C with 130, and gives the terminal back', async () => {
    const { input, output, modes } = aKeyboard();
    const answer = askHidden('Token: ', input, output);
    input.write('half\x03');
    await expect(answer).rejects.toMatchObject({ exitCode: 130 });
    expect(modes).toEqual([true, false]);
  });

  it('ends with its input', async () => {
    const { input, output } = aKeyboard();
    const answer = askHidden('Token: ', input, output);
    input.end();
    await expect(answer).rejects.toThrow('Nothing was given.');
  });
});

describe('A question', () => {
  it('takes one line, and leaves what was typed behind it for the next', async () => {
    const { input, output, shown } = aKeyboard();
    input.write('http://host\ntok');
    expect(await askLine('Address: ', input, output)).toBe('http://host');
    const token = askHidden('Token: ', input, output);
    input.write('en\r');
    expect(await token).toBe('token');
    expect(shown()).toBe('Address: Token: \n');
  });
});
