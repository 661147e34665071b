extension RunReport {
    /// How the page looks, in light and in dark.
    static let styleSheet = """
        :root {
          color-scheme: light dark;
          --paper: #f5f6f8; --card: #ffffff; --ink: #1a1d23; --soft: #5d6675; --rule: #dfe3e9; --grid: #eceff3;
          --training: #2864d8; --heldout: #d4570f; --level: #7a8494; --good: #187a45; --bad: #c02a35;
          --good-paper: #e3f4ea; --bad-paper: #fce6e7; --warn: #8a5a00; --warn-paper: #fdf0d5;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #111419; --card: #1a1e25; --ink: #e8ebf0; --soft: #9aa4b3; --rule: #2c323c; --grid: #2a313b;
            --training: #6fa2ff; --heldout: #ff9d5c; --level: #8d97a7; --good: #5fd093; --bad: #ff7d86;
            --good-paper: #16301f; --bad-paper: #3a1a1e; --warn: #f0bd5b; --warn-paper: #33270f;
          }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; }
        main { max-width: 1240px; margin: 0 auto; padding: 32px 24px 64px; }
        h1 { margin: 0; font-size: 28px; line-height: 1.2; letter-spacing: -.01em; display: flex; flex-wrap: wrap;
          align-items: center; gap: 8px 14px; overflow-wrap: anywhere; }
        h2 { margin: 36px 0 12px; font-size: 17px; letter-spacing: .01em; }
        h3 { margin: 0; font-size: 15px; }
        dl, dd, ul, figure, p { margin: 0; padding: 0; }
        ul { list-style: none; }
        .brand { color: var(--soft); font-size: 12px; font-weight: 600; letter-spacing: .12em; text-transform: uppercase;
          margin-bottom: 4px; }
        .aside, .events td span { color: var(--soft); }
        .card { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; }
        .pill { font-size: 13px; font-weight: 600; letter-spacing: 0; border-radius: 99px; padding: 3px 12px; }
        .finished { color: var(--good); background: var(--good-paper); }
        .stopped { color: var(--warn); background: var(--warn-paper); }
        .failed { color: var(--bad); background: var(--bad-paper); }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin-top: 24px; }
        .tile { padding: 14px 16px; display: flex; flex-direction: column; justify-content: space-between; gap: 4px; }
        .tile dt, .facts dt { color: var(--soft); font-size: 13px; }
        .tile dd { font-size: 24px; font-weight: 600; line-height: 1.25; letter-spacing: -.01em;
          font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        .verdicts { margin-top: 12px; padding: 6px 16px; }
        .verdicts li { display: flex; gap: 12px; padding: 7px 0; }
        .verdicts li + li { border-top: 1px solid var(--grid); }
        .verdicts b { flex: none; width: 22px; height: 22px; border-radius: 50%; text-align: center; line-height: 22px;
          font-size: 13px; }
        .holds b { color: var(--good); background: var(--good-paper); }
        .fails b { color: var(--bad); background: var(--bad-paper); }
        .facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 14px 24px;
          padding: 16px; }
        .facts dd { overflow-wrap: anywhere; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(460px, 100%), 1fr)); gap: 16px; }
        .chart { padding: 14px 14px 6px; min-width: 0; }
        .chart figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 10px; }
        .chart figcaption p, .legend { color: var(--soft); font-size: 13px; }
        .legend { display: flex; flex-wrap: wrap; gap: 0 18px; min-height: 22px; }
        .legend li::before { content: ""; display: inline-block; width: 18px; margin-right: 7px; vertical-align: 4px;
          border-top: 2.5px solid currentColor; }
        .legend .training::before { color: var(--training); }
        .legend .heldout::before { color: var(--heldout); }
        .legend .level::before { color: var(--level); border-top-style: dashed; border-top-width: 2px; }
        svg { display: block; width: 100%; height: auto; overflow: visible; }
        svg text { font-size: 12px; fill: var(--soft); font-variant-numeric: tabular-nums; }
        svg .grid { stroke: var(--grid); }
        svg .axis { stroke: var(--rule); }
        path { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        path.training { stroke: var(--training); }
        path.heldout { stroke: var(--heldout); }
        path.raw { stroke-width: 1; opacity: .32; }
        circle.training { fill: var(--training); }
        circle.heldout { fill: var(--heldout); stroke: var(--card); stroke-width: 1; }
        line.level { stroke: var(--level); stroke-width: 1.5; stroke-dasharray: 5 4; }
        .hover rect { fill: transparent; }
        .hover line { stroke: var(--soft); visibility: hidden; }
        .hover text { fill: var(--ink); visibility: hidden; }
        .hover:hover line, .hover:hover text { visibility: visible; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { padding: 7px 16px; text-align: right; white-space: nowrap; font-weight: 400; }
        thead th { color: var(--soft); font-size: 13px; border-bottom: 1px solid var(--rule); }
        tbody tr + tr > * { border-top: 1px solid var(--grid); }
        th:first-child { text-align: left; }
        tbody th { font-weight: 600; }
        .events td, .events th { text-align: left; }
        .events td:last-child { white-space: normal; min-width: 260px; }
        .events .alarm td:nth-child(2) { color: var(--bad); font-weight: 600; }
        @media (max-width: 640px) {
          main { padding: 20px 14px 48px; }
          h1 { font-size: 23px; }
          .tiles { grid-template-columns: repeat(2, 1fr); gap: 8px; }
          .tile dd { font-size: 20px; }
          svg text { font-size: 16px; }
          path { stroke-width: 2.6; }
        }
        @media print {
          body { background: #fff; }
          .card { break-inside: avoid; }
        }
        """
}
