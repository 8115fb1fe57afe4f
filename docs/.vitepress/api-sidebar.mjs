/** The generated API pages, by package. */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const api = fileURLToPath(new URL('../api', import.meta.url));

export function apiSidebar() {
  if (!existsSync(api)) return [];
  const packages = readdirSync(api, { withFileTypes: true }).filter(entry => entry.isDirectory());
  return packages.map(({ name }) => ({
    text: `@gtc/${name}`,
    collapsed: true,
    items: readdirSync(`${api}/${name}`).map(file => ({ text: file.replace(/\.md$/, ''), link: `/api/${name}/${file.replace(/\.md$/, '')}` })),
  }));
}
