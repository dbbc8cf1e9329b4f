import { Accordion, Alert, Button, Group, NumberInput, Select, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type ComponentType, type SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiProblem, isStatus, type Fault } from '../../../api/problem';
import { FaultNote } from '../../../parts/fault-note';
import { JsonField } from '../../../parts/json-field';
import { writeJson } from '../../../parts/json-text';
import type { ConfigFieldsProps } from './config-fields';
import { CronFields } from './cron-fields';
import { DagFields } from './dag-fields';
import { EventFields } from './event-fields';
import { SchedulePreview } from './schedule-preview';
import { bodyOf, configOf, faultAt, ON_FULL, withValue, type Draft } from './trigger-draft';
import { usePreview } from './use-preview';
import { WebhookFields } from './webhook-fields';

const FIELDS: Partial<Record<Draft['kind'], ComponentType<ConfigFieldsProps>>> = {
  cron: CronFields,
  webhook: WebhookFields,
  event: EventFields,
  dag: DagFields,
};

interface Props {
  readonly initial: Draft;
  /** The verb on the button. */
  readonly action: string;
  readonly onSave: (body: ReturnType<typeof bodyOf>['body']) => Promise<unknown>;
  /** The trigger has changed since it was read: reads it again, and what was typed is gone. */
  readonly onReload?: () => void;
  readonly onClose: () => void;
}

/** A trigger to be made or changed: fields for what is common, JSON for all of it; what the service refuses is told at its place. */
export function TriggerForm({ initial, action, onSave, onReload, onClose }: Props) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(initial);
  const [own, setOwn] = useState<{ readonly of: Draft; readonly faults: readonly Fault[] }>();
  const { preview, faults: foreseen } = usePreview(draft);
  const saving = useMutation({ mutationFn: onSave });
  const change = (next: Partial<Draft>) => setDraft((before) => ({ ...before, ...next }));
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const { body, faults } = bodyOf(draft);
    setOwn({ of: draft, faults });
    saving.reset();
    if (faults.length > 0) return;
    saving.mutate(body, {
      onError: (error) => setOwn({ of: draft, faults: error instanceof ApiProblem ? error.errors : [] }),
    });
  };
  const isAsSent = own?.of === draft;
  const faults = isAsSent && own.faults.length > 0 ? own.faults : foreseen;
  const config = configOf(draft);
  const Fields = FIELDS[draft.kind];
  const hasOverlap = config?.['overlap'] !== undefined;
  const isStale = isStatus(saving.error, 412);
  const refused = isAsSent ? own.faults : [];
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <TextInput
          label={t('dag.triggers.name')}
          description={t('dag.triggers.nameHint')}
          data-autofocus
          maxLength={255}
          error={faultAt(faults, '/name')}
          value={draft.name}
          onChange={({ currentTarget }) => change({ name: currentTarget.value })}
        />
        {config === undefined && <Alert color="yellow">{t('dag.triggers.unreadable')}</Alert>}
        {Fields && config && (
          <Fields
            config={config}
            faultAt={(pointer) => faultAt(faults, pointer)}
            onChange={(path, value) => change({ config: writeJson(withValue(config, path, value)) })}
          >
            {preview && <SchedulePreview items={preview.items ?? []} description={preview.description} />}
          </Fields>
        )}
        <Accordion variant="contained" chevronPosition="left" multiple>
          <Accordion.Item value="run">
            <Accordion.Control>{t('dag.triggers.given')}</Accordion.Control>
            <Accordion.Panel>
              <Stack gap="sm">
                <TextInput
                  label={t('dag.triggers.filter')}
                  description={t('dag.triggers.filterHint')}
                  placeholder="event.data.amount > 100"
                  error={faultAt(faults, '/filter')}
                  value={draft.filter}
                  onChange={({ currentTarget }) => change({ filter: currentTarget.value })}
                />
                <JsonField
                  label={t('dag.triggers.input')}
                  description={t('dag.triggers.inputHint', { example: '{ "order": "{{event.data.id}}" }' })}
                  error={faultAt(faults, '/input')}
                  value={draft.input}
                  onChange={(input) => change({ input })}
                  height="100px"
                />
                <TextInput
                  label={t('dag.triggers.dedupe')}
                  description={t('dag.triggers.dedupeHint')}
                  placeholder="{{event.data.id}}"
                  error={faultAt(faults, '/dedupeKey')}
                  value={draft.dedupeKey}
                  onChange={({ currentTarget }) => change({ dedupeKey: currentTarget.value })}
                />
                {!hasOverlap && (
                  <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
                    <NumberInput
                      label={t('dag.triggers.max')}
                      description={t('dag.triggers.maxHint')}
                      min={1}
                      allowDecimal={false}
                      error={faultAt(faults, '/concurrency')}
                      value={draft.max}
                      onChange={(max) => change({ max: String(max) })}
                    />
                    <Select
                      label={t('dag.triggers.onFull')}
                      description={t('dag.triggers.onFullHint')}
                      allowDeselect={false}
                      disabled={draft.max === ''}
                      data={ON_FULL.map((value) => ({ value, label: t(`dag.triggers.overlaps.${value}`) }))}
                      value={draft.onFull}
                      onChange={(onFull) => change({ onFull: onFull ?? 'queue' })}
                    />
                  </SimpleGrid>
                )}
              </Stack>
            </Accordion.Panel>
          </Accordion.Item>
          <Accordion.Item value="config">
            <Accordion.Control>{t('dag.triggers.config')}</Accordion.Control>
            <Accordion.Panel>
              <JsonField
                label="config"
                description={t('dag.triggers.configHint')}
                value={draft.config}
                onChange={(next) => change({ config: next })}
                height="200px"
              />
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
        <Faults faults={refused} />
        {isStale && (
          <Alert color="yellow" title={t('dag.triggers.stale')} role="alert">
            <Stack gap="xs" align="flex-start">
              {t('dag.triggers.staleText')}
              <Button variant="default" onClick={onReload}>
                {t('dag.triggers.reload')}
              </Button>
            </Stack>
          </Alert>
        )}
        {saving.isError && isAsSent && !isStale && refused.length === 0 && <FaultNote error={saving.error} />}
        <Group>
          <Button type="submit" loading={saving.isPending}>
            {action}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('parts.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What the service refused, once more: the field may be out of sight, or there is none. */
function Faults({ faults }: { faults: readonly Fault[] }) {
  const { t } = useTranslation();
  if (faults.length === 0) return null;
  return (
    <Alert color="red" role="alert" title={t('dag.definition.faults', { count: faults.length })}>
      <ul className="plain-list">
        {faults.map(({ pointer, message }) => (
          <li key={`${pointer} ${message}`}>
            <code>{pointer}</code> {message}
          </li>
        ))}
      </ul>
    </Alert>
  );
}
