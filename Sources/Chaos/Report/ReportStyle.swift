/// How the page looks, light or dark as its reader's system is, from a phone's width up.
enum ReportStyle {
    static let text: StaticString = """
        :root {
          --paper: #fbfaf8; --card: #fff; --ink: #1d2126; --soft: #5d6570; --line: #e2e0da; --grid: #ecebe6;
          --good: #17754a; --good-bg: #e3f3ea; --bad: #b3261e; --bad-bg: #fbe6e3; --warn: #8b929b; --idle: #d9d7d0;
          --process: #b3261e; --link: #8a5a00; --disk: #6b4fa0; --other: #3d6b75; --label: 5.2rem;
          --n0: #4478b8; --n1: #e0952b; --n2: #3fa3a0; --n3: #8c6bb8; --n4: #a9764c; --n5: #cf7fab; --n6: #8b9a3b;
          --n7: #77838f;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #14171b; --card: #1c2025; --ink: #e6e8ea; --soft: #9aa3ad; --line: #30363d; --grid: #272c32;
            --good: #58c48d; --good-bg: #17342a; --bad: #f2837a; --bad-bg: #41201f; --warn: #7d868f; --idle: #3b424a;
            --process: #f2837a; --link: #e0b050; --disk: #b79bea; --other: #7fbac6;
            --n0: #5b8fd0; --n1: #d99a3f; --n2: #4aa9a5; --n3: #9d80c8; --n4: #b3845c; --n5: #cf86b0; --n6: #98a64c;
            --n7: #87929d;
          }
        }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 96rem; padding: 1.6rem 2rem 3rem; background: var(--paper); color: var(--ink);
          font: 15px/1.45 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
        h1 { margin: 0; font-size: 1.9rem; line-height: 1.15; letter-spacing: -.01em; overflow-wrap: anywhere; }
        h2 { margin: 2.2rem 0 .7rem; font-size: 1.2rem; }
        h3 { margin: 0 0 .4rem; font-size: 1rem; }
        .kind { margin: 0 0 .2rem; color: var(--soft); font-size: .78rem; letter-spacing: .08em;
          text-transform: uppercase; }
        .summary { margin: .4rem 0 1.4rem; max-width: 62rem; color: var(--soft); }
        .runs { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); gap: 1.2rem; }
        .run { min-width: 0; }
        .picture { padding: .9rem 1.1rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--card); }
        .verdict { display: flex; gap: .8rem; align-items: center; padding: .8rem 1rem; border-radius: .6rem;
          background: var(--idle); }
        .verdict strong { display: block; font-size: 1.05rem; }
        .verdict small { color: var(--soft); overflow-wrap: anywhere; }
        .verdict.good { background: var(--good-bg); } .verdict.bad { background: var(--bad-bg); }
        .mark { font-size: 1.5rem; line-height: 1; } td.mark { font-size: 1rem; width: 1.4rem; }
        .good > .mark, td.good, .tile.good b { color: var(--good); }
        .bad > .mark, td.bad, .tile.bad b, tr.missed td { color: var(--bad); }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(6.4rem, 1fr)); gap: .6rem;
          margin: .7rem 0; }
        .tile { padding: .55rem .8rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--card); }
        .tile b { display: block; font-size: 1.3rem; line-height: 1.25; white-space: nowrap; }
        .tile span { color: var(--soft); font-size: .8rem; }
        .two .tiles { grid-template-columns: repeat(3, 1fr); }
        .scroll { overflow-x: auto; } .expected { max-width: 46rem; }
        table { border-collapse: collapse; width: 100%; font-size: .88rem; }
        th, td { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left;
          vertical-align: top; }
        tbody th { font-weight: 500; } thead th { color: var(--soft); font-weight: 500; white-space: nowrap; }
        .figures { width: auto; min-width: min(100%, 40rem); }
        .figures td, .figures thead th { text-align: right; padding-left: 1.6rem; white-space: nowrap; }
        .best { font-weight: 700; }
        details { margin: .3rem 0; } summary { cursor: pointer; font-weight: 600; color: var(--bad); }
        details p, .note { margin: .2rem 0; color: var(--soft); } li { overflow-wrap: anywhere; font-size: .88rem; }
        .run > h4 { margin: 1.3rem 0 .3rem; font-size: .95rem; } .run > h4:first-child { margin-top: 0; }
        .details { margin-top: 2rem; }

        .lanes { position: relative; padding-left: var(--label); }
        .lanes h4 { position: relative; margin: .8rem 0 .25rem calc(-1 * var(--label)); color: var(--soft);
          font-size: .78rem; font-weight: 600; }
        .lanes h4:first-of-type { margin-top: 0; }
        .lane { position: relative; height: 12px; margin-bottom: 3px; }
        .lane.tall { height: 18px; } .lane.partition.tall { height: 20px; }
        .name { position: absolute; right: calc(100% + .6rem); top: 50%; transform: translateY(-50%);
          max-width: calc(var(--label) - .6rem); overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
          color: var(--soft); font-size: .74rem; line-height: 1; }
        .bands { position: absolute; inset: 0 0 1.4rem var(--label); overflow: hidden; }
        .bands i { position: absolute; top: 0; bottom: 0; }
        .grid { border-left: 1px solid var(--grid); }
        .band { min-width: 2px; opacity: .13; background: currentColor; }
        .process { color: var(--process); } .link { color: var(--link); } .disk { color: var(--disk); }
        .other { color: var(--other); }
        .fault { position: absolute; top: 1px; bottom: 1px; min-width: 3px; background: currentColor; }
        .fault-name { position: absolute; top: 50%; transform: translateY(-50%); padding: 0 5px; font-size: .74rem;
          font-weight: 600; line-height: 1; white-space: nowrap; }
        .returning { position: absolute; top: 7px; height: 4px;
          background: repeating-linear-gradient(90deg, currentColor 0 2px, transparent 2px 4px); }
        .bar { position: absolute; top: 0; bottom: 0; min-width: 1px; overflow: hidden; color: #fff;
          font-size: .66rem; line-height: 12px; padding-left: 0; text-indent: 4px; white-space: nowrap; }
        .n0 { background: var(--n0); } .n1 { background: var(--n1); } .n2 { background: var(--n2); }
        .n3 { background: var(--n3); } .n4 { background: var(--n4); } .n5 { background: var(--n5); }
        .n6 { background: var(--n6); } .n7 { background: var(--n7); }
        .nobody { background: repeating-linear-gradient(135deg, var(--idle) 0 3px, transparent 3px 6px); }
        .down { background: repeating-linear-gradient(135deg, var(--bad) 0 2px, var(--bad-bg) 2px 6px); }
        .partition .leader { bottom: 6px; line-height: 14px; }
        .partition .isr { top: auto; bottom: 3px; height: 3px; }
        .partition .pause { top: auto; bottom: 0; height: 3px; min-width: 2px; }
        .isr.full { background: transparent; } .isr.reduced { background: var(--warn); }
        .isr.alone { background: var(--ink); } .pause { background: var(--bad); } .pause.short { opacity: .35; }
        .lane.chart { margin: 0; border-bottom: 1px solid var(--line); }
        .chart svg { display: block; width: 100%; height: 100%; overflow: visible; }
        .chart .name { top: auto; bottom: .1rem; transform: none; }
        .chart .name.top { top: 0; bottom: auto; }
        path { vector-effect: non-scaling-stroke; }
        .area { stroke: none; } .line { fill: none; stroke-width: 1.4; }
        .written { fill: var(--n0); fill-opacity: .55; } .received { stroke: var(--ink); stroke-opacity: .75; }
        .waiting { fill: var(--bad); fill-opacity: .75; }
        .axis { position: relative; height: 1.4rem; }
        .axis span { position: absolute; top: .25rem; transform: translateX(-50%); color: var(--soft);
          font-size: .72rem; white-space: nowrap; }
        .axis span:first-child { transform: none; }
        .legend { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; margin: .7rem 0 0; color: var(--soft);
          font-size: .78rem; }
        .key { display: inline-flex; align-items: center; gap: .4rem; }
        .key .bar { position: static; display: inline-block; flex: none; width: 1.2rem; height: .65rem; }
        .key .isr, .key .pause { height: .25rem; }
        @media (max-width: 40rem) {
          :root { --label: 3.4rem; }
          body { padding: 1rem .9rem 2rem; font-size: 14px; }
          h1 { font-size: 1.5rem; }
          .picture { padding: .7rem .7rem; }
          .tiles { grid-template-columns: repeat(3, 1fr); gap: .4rem; }
          .tile { padding: .4rem .55rem; } .tile b { font-size: 1.05rem; }
          .axis span:nth-child(even) { display: none; }
          .figures td, .figures thead th { padding-left: .6rem; }
        }
        @media print { body { max-width: none; } .picture { break-inside: avoid; } }
        """
}
