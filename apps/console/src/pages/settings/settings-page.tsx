import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../shell/page-header';

export function SettingsPage() {
  const { t } = useTranslation();
  return <PageHeader title={t('settings.title')} />;
}
