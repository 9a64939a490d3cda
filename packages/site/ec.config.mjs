import { defineEcConfig } from "@astrojs/starlight/expressive-code";

/** Only commands have a copy button; an answer is there to be compared. */
const answersWithoutButton = {
  name: "answers-without-button",
  hooks: {
    postprocessRenderedBlock({ codeBlock, renderData }) {
      if (codeBlock.metaOptions.getBoolean("answer") !== true) return;
      const { blockAst } = renderData;
      blockAst.children = blockAst.children.filter(
        ({ properties }) => ![properties?.className].flat().includes("copy"),
      );
    },
  },
};

export default defineEcConfig({ plugins: [answersWithoutButton] });
