import { useTranslation } from 'react-i18next';

interface Props {
  readonly at: string | null | undefined;
  /** Milliseconds too: where things follow one another closely. */
  readonly exact?: boolean;
}

/** A time in the zone of whoever looks; on hover with its zone and as the service says it. */
export function Moment({ at, exact = false }: Props) {
  const { i18n } = useTranslation();
  if (at === null || at === undefined) return <>–</>;
  const date = new Date(at);
  const text = date.toLocaleString(i18n.language, {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
    ...(exact && { fractionalSecondDigits: 3 }),
    ...(date.getFullYear() !== new Date().getFullYear() && { year: 'numeric' }),
  });
  const whole = date.toLocaleString(i18n.language, { dateStyle: 'full', timeStyle: 'long' });
  return (
    <time dateTime={at} title={`${whole}\n${at}`} style={{ whiteSpace: 'nowrap' }}>
      {text}
    </time>
  );
}
