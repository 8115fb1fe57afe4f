import { defineConfig } from 'vitepress';
import { apiSidebar } from './api-sidebar.mjs';

export default defineConfig({
  title: 'GTC',
  description: 'Machine learning in TypeScript, with proven numbers',
  cleanUrls: true,
  themeConfig: {
    nav: [
      { text: 'Guides', link: '/guides/start' },
      { text: 'API', link: '/api/' },
      { text: 'Proof', link: '/proof' },
    ],
    sidebar: [
      {
        text: 'Guides',
        items: [
          { text: 'Start', link: '/guides/start' },
          { text: 'Measure a model', link: '/guides/metrics' },
          { text: 'Describe a LoRA adapter', link: '/guides/lora' },
          { text: 'Declare a configuration', link: '/guides/definitions' },
          { text: 'Prove your own code', link: '/guides/proof' },
        ],
      },
      { text: 'API', items: apiSidebar() },
      {
        text: 'Proof',
        items: [
          { text: 'Parity and evidence', link: '/proof' },
          { text: 'Decisions', link: '/decisions/' },
        ],
      },
    ],
    search: { provider: 'local' },
    outline: 'deep',
  },
});
