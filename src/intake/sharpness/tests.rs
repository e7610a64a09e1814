//! Sharp and blurred pictures, budgets, and files that are made to harm.
