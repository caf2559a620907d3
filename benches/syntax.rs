//! How fast a file is indexed, whole and for one function, and a factory built from its index.

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sourcepickle::syntax::{File, Index};

/// A file of classes with methods and lambdas, of about this many lines.
fn file_of(lines: usize) -> String {
    let mut text = String::from("import json\n\n");
    for at in 0..lines / 8 {
        let _ = write!(
            text,
            "class C{at}:\n    def method(self, x=lambda: 1):\n        def inner(y):\n            \
             return json.dumps([x, y, self])\n\n        return inner\n\n\n"
        );
    }
    text
}

fn syntax(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("index");
    for lines in [1_000, 50_000] {
        let text = file_of(lines);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(format!("{lines} lines"), |bencher| {
            bencher.iter(|| Index::new(black_box(&text), 1).map(|index| index.entries().len()));
        });
        group.bench_function(format!("one function of {lines} lines"), |bencher| {
            bencher.iter(|| {
                let file = File::new(black_box(&text), 1)?;
                file.statement_at(lines as isize / 2).map(|index| index.entries().len())
            });
        });
    }
    group.finish();
    if let Ok(index) = Index::new(&file_of(1_000), 1)
        && let Some(inner) = index.entries().iter().find(|entry| &*entry.name == "inner")
    {
        criterion.bench_function("factory of a nested def", |bencher| {
            bencher.iter(|| index.factory(black_box(inner), &["self", "x"]));
        });
    }
}

criterion_group!(benches, syntax);
criterion_main!(benches);
