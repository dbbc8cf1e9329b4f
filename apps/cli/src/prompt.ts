import { StringDecoder } from 'node:string_decoder';
import { CommandFailed, Interrupted } from './command.errors';

/** What a prompt needs of the input: a terminal can be told not to show what is typed. */
export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };

const [CTRL_C, CTRL_D, CTRL_U, ENTER, LINE_FEED, BACKSPACE, DELETE] = [
  '\x03',
  '\x04',
  '\x15',
  '\r',
  '\n',
  '\b',
  '\x7f',
];
/** Arrow keys and the marks around pasted text: no characters of a token. */
const KEYS = /\x1b(\[[0-9;?]*[ -/]*[@-~]|O.|.)?/g;

/** A line that nobody sees while it is typed or pasted. @throws Interrupted on Ctrl-C, CommandFailed when the input ends */
export async function askHidden(question: string, input: Input, output: NodeJS.WritableStream): Promise<string> {
  output.write(question);
  const decoder = new StringDecoder('utf8');
  let typed = '';
  input.setRawMode?.(true);
  try {
    return await new Promise<string>((resolve, reject) => {
      const end = (how: () => void) => {
        input.off('data', take).off('end', over);
        how();
      };
      const over = () => end(() => reject(new CommandFailed('Nothing was given.')));
      const take = (piece: Buffer | string) => {
        const text = typeof piece === 'string' ? piece : decoder.write(piece);
        for (const key of text.replace(KEYS, '')) {
          const ends = key === ENTER || key === LINE_FEED || key === CTRL_C || (key === CTRL_D && typed === '');
          if (ends) {
            if (key === CTRL_C) end(() => reject(new Interrupted('SIGINT', 'Nothing was changed.')));
            else if (key === CTRL_D) over();
            else end(() => resolve(typed));
            return;
          }
          if (key === CTRL_U) typed = '';
          else if (key === BACKSPACE || key === DELETE) typed = typed.slice(0, -1);
          else if (key >= ' ') typed += key;
        }
      };
      input.on('data', take).on('end', over);
      input.resume();
    });
  } finally {
    input.setRawMode?.(false);
    input.pause();
    output.write('\n');
  }
}

/**
 * A line that is seen, as the terminal itself lets it be typed; what stands behind it is left for the next question.
 * @throws the signal's reason when it fires, CommandFailed when the input ends
 */
export async function askLine(
  question: string,
  input: Input,
  output: NodeJS.WritableStream,
  signal?: AbortSignal,
): Promise<string> {
  output.write(question);
  let typed = '';
  try {
    return await new Promise<string>((resolve, reject) => {
      const end = (how: () => void) => {
        input.off('data', take).off('end', over);
        signal?.removeEventListener('abort', leave);
        input.pause();
        how();
      };
      const leave = () => end(() => reject(signal?.reason as Error));
      const over = () => end(() => reject(new CommandFailed('Nothing was given.')));
      const take = (piece: Buffer | string) => {
        typed += piece.toString();
        const at = typed.indexOf(LINE_FEED);
        if (at < 0) return;
        const rest = typed.slice(at + 1);
        end(() => resolve(typed.slice(0, at)));
        if (rest !== '') input.unshift(rest);
      };
      input.on('data', take).on('end', over);
      signal?.addEventListener('abort', leave);
      input.resume();
    });
  } finally {
    input.pause();
  }
}
