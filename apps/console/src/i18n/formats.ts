/** One of each for every language and shape: making one costs a hundred times what using it does. */
const made = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat | Intl.RelativeTimeFormat>();

function kept<Format extends Intl.DateTimeFormat | Intl.NumberFormat | Intl.RelativeTimeFormat, Options>(
  Kind: new (language: string, options: Options) => Format,
  language: string,
  options: Options,
): Format {
  const key = `${Kind.name} ${language} ${JSON.stringify(options)}`;
  const format = (made.get(key) as Format | undefined) ?? new Kind(language, options);
  made.set(key, format);
  return format;
}

export const dateFormat = (language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  kept(Intl.DateTimeFormat, language, options);

export const relativeFormat = (language: string): Intl.RelativeTimeFormat =>
  kept(Intl.RelativeTimeFormat, language, { numeric: 'auto', style: 'short' });

/** `12,345` as the language groups it. */
export const numberText = (value: number, language: string): string =>
  Math.abs(value) < 1_000 && Number.isInteger(value)
    ? String(value)
    : kept(Intl.NumberFormat, language, {}).format(value);
