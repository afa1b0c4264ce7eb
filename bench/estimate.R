# The same tables and tests with R survey, timed inside the process.
# Rscript bench/estimate.R DATA.csv QUESTIONS: prints seconds of raking, tables, tests and two sums.
suppressMessages(library(survey))
arguments <- commandArgs(TRUE)
d <- read.csv(arguments[1])
questions <- paste0("q", seq_len(as.integer(arguments[2])) - 1)
for (name in c("region", "rurality", "size", questions)) d[[name]] <- factor(d[[name]])
population <- read.csv(sub(".csv$", ".totals.csv", arguments[1]))
totals <- setNames(population$total, population$name)

seconds <- function(expression) system.time(expression)[["elapsed"]]
raking <- seconds({
  plain <- svydesign(ids = ~1, strata = ~stratum, weights = ~w0, fpc = ~population, data = d)
  raked <- calibrate(plain, ~ region + rurality + size, totals, calfun = "raking", epsilon = 1e-12, maxit = 500)
})
errors <- 0
tables <- seconds(for (q in questions) {
  f <- as.formula(paste0("~", q))
  m <- svymean(f, raked)
  confint(m, df = degf(raked))
  errors <- errors + sum(SE(m))
  for (by in c("region", "rurality", "size")) {
    b <- svyby(f, as.formula(paste0("~", by)), raked, svymean, vartype = c("se", "ci"))
    errors <- errors + sum(SE(b))
  }
})
statistics <- 0
tests <- seconds(for (q in questions) for (by in c("region", "rurality", "size")) {
  statistics <- statistics + svychisq(as.formula(paste0("~", q, "+", by)), raked, statistic = "F")$statistic
})
cat(sprintf("%.6f %.6f %.6f %.15g %.15g\n", raking, tables, tests, errors, statistics))
