import { Autocomplete, Select, Text, Tooltip } from '@mantine/core';
import type { Me, Whole } from '@flow/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { chooseBusinessDomain } from '../api/business-domain';

/** Everything that is shown is of one business domain: another one is another console, begun anew. */
function moveTo(domain: string): void {
  chooseBusinessDomain(domain);
  location.assign('/');
}

/** Where the token speaks for several: a choice of them; where it speaks for all, their names are asked for. */
export function BusinessDomains({ me }: { me: Whole<Me> }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(me.domain);
  const { domains } = me.token;
  const label = t('shell.account.domain');
  if (domains === '*') {
    return (
      <Autocomplete
        aria-label={label}
        size="xs"
        w={{ base: 110, xs: 130 }}
        data={[...new Set(['public', me.domain])]}
        value={typed}
        onChange={setTyped}
        onOptionSubmit={(domain) => domain !== me.domain && moveTo(domain)}
        onKeyDown={({ key }) => key === 'Enter' && typed !== '' && typed !== me.domain && moveTo(typed)}
        onBlur={() => setTyped(me.domain)}
      />
    );
  }
  if (domains.length > 1) {
    return (
      <Select
        aria-label={label}
        w={{ base: 110, xs: 130 }}
        data={[...domains]}
        value={me.domain}
        allowDeselect={false}
        onChange={(domain) => domain !== null && moveTo(domain)}
      />
    );
  }
  return (
    <Tooltip label={label}>
      <Text c="dimmed">{me.domain}</Text>
    </Tooltip>
  );
}
