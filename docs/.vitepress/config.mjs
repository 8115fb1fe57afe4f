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
          { text: 'Ask the oracle', link: '/guides/oracle' },
          { text: 'Compute with tensors', link: '/guides/tensor' },
          { text: 'Prepare text', link: '/guides/preprocessing' },
          { text: 'Size a model, grow a tree', link: '/guides/models' },
          { text: 'Train', link: '/guides/training' },
          { text: 'Fine-tune with LoRA', link: '/guides/lora' },
          { text: 'Run a model', link: '/guides/inference' },
          { text: 'Evaluate', link: '/guides/evaluation' },
          { text: 'Measure a model', link: '/guides/metrics' },
          { text: 'Deploy', link: '/guides/deployment' },
          { text: 'Find and describe', link: '/guides/hub' },
          { text: 'Prompt and decode', link: '/guides/generation' },
          { text: 'Retrieve', link: '/guides/rag' },
          { text: 'Give a model tools', link: '/guides/agents' },
          { text: 'Guard', link: '/guides/safety' },
          { text: 'Listen', link: '/guides/audio' },
          { text: 'See', link: '/guides/multimodal' },
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
