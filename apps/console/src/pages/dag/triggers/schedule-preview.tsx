import { Text } from '@mantine/core';
import type { AnswerOf } from '@flow/client';
import { useTranslation } from 'react-i18next';

interface Props {
  readonly items: NonNullable<AnswerOf<'GET /triggers/{id}/preview'>['items']>;
  /** The schedule in words. */
  readonly description?: string;
}

/** The next times of a schedule by its own clock, with what changes of the clock do to them. */
export function SchedulePreview({ items, description }: Props) {
  const { t } = useTranslation();
  return (
    <section aria-label={t('dag.triggers.preview')}>
      {description !== undefined && <Text fw={600}>{description}</Text>}
      <ul className="plain-list wrapped mono">
        {items.map(({ at = '', local, note }) => (
          <li key={at}>
            <time dateTime={at}>{(local ?? at).replace('T', ' ')}</time>
            {note !== undefined && <span className="dim"> ({note})</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
