# The two commands of a fresh clone: `make demo` and `make test`. Each first installs what the build lacks (.ci/packages says
# what). Both use one build profile, so that the second does not build the world again. After that plain cargo works.

.PHONY: demo test build bench clean

demo:
	@.ci/packages build
	cargo build --locked
	@target/debug/sealdrop demo

test:
	@.ci/packages test
	cargo test --locked

build:
	@.ci/packages build
	cargo build --locked --release

bench:
	@.ci/packages build
	cargo bench --locked

clean:
	cargo clean
