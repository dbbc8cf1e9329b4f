import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en';
import { zh } from './zh';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
  }
}

export const LANGUAGES = { en: 'English', zh: '中文' } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = 'flow.language';

function languageOf(text: string | null): Language | undefined {
  const head = text?.slice(0, 2).toLowerCase();
  return head === 'en' || head === 'zh' ? head : undefined;
}

/** The language that was chosen here before, else the first of the browser's that the console speaks. */
function firstLanguage(): Language {
  const chosen = [localStorage.getItem(KEY), ...navigator.languages].map(languageOf);
  return chosen.find((language) => language !== undefined) ?? 'en';
}

export function startTexts(): i18n {
  void i18next.use(initReactI18next).init({
    lng: firstLanguage(),
    fallbackLng: 'en',
    resources: { en: { translation: en }, zh: { translation: zh } },
    // What is put into a text becomes a text node of React, which escapes it.
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = i18next.language;
  return i18next;
}

export function chooseLanguage(language: Language): void {
  localStorage.setItem(KEY, language);
  document.documentElement.lang = language;
  void i18next.changeLanguage(language);
}
