/** A template that cannot be read or carried out; the message names the line. */
export class TemplateFault extends Error {
  constructor(
    readonly kind: 'invalid' | 'failed' | 'too_costly',
    message: string,
    line?: number,
  ) {
    super(line === undefined ? message : `Line ${line}: ${message}`);
    this.name = 'TemplateFault';
  }
}
