import { render } from 'preact';
import { App } from './app.js';
import { readPageData } from './data.js';
import './style/index.css';

const root = document.getElementById('app');
if (root) {
  readPageData().then(
    (data) => {
      root.replaceChildren();
      render(<App data={data} />, root);
    },
    (error: unknown) => {
      const says = document.createElement('p');
      says.className = 'broken';
      says.textContent = `The data in this file cannot be read: ${error instanceof Error ? error.message : String(error)}`;
      root.append(says);
    },
  );
}
