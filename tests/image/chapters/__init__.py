"""Each chapter is a module: `play` plays it."""
