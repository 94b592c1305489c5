"""The jobs that are measured: each a module with `run(exports, place)`, each in a process of its own."""

JOBS = {
    "viaduct": "the whole job, through Viaduct",
    "script": "the same work in a hand-written Polars script",
    "dlt_arrow": "dlt, load only, from Arrow tables",
    "dlt_rows": "dlt, load only, row by row",
    "imports": "a process that only imports what Viaduct's run imports",
}
