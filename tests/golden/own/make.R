# Writes own.csv and own.json: invented answers, figures of R survey 4.1-1, in the format of the
# reference cases. Run in this folder: Rscript make.R
suppressMessages(library(survey))

# JSON ----
text <- function(x) paste0('"', gsub('"', '\\\\"', x), '"')
one <- function(v) {
  if (is.na(v)) "null"
  else if (is.character(v)) text(v)
  else if (is.logical(v)) tolower(as.character(v))
  else formatC(v, digits = 15, format = "g", width = 1)
}
json <- function(x) {
  if (is.null(x)) return("null")
  if (!is.list(x)) {
    if (length(x) == 1) return(one(x))
    return(paste0("[", paste(vapply(x, one, ""), collapse = ", "), "]"))
  }
  parts <- vapply(x, json, "")
  if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ", "), "]"))
  paste0("{", paste(text(names(x)), parts, sep = ": ", collapse = ", "), "}")
}

# What a case expects ----
numbers <- function(x) as.list(unname(as.numeric(x)))
by_name <- function(x, n) setNames(as.list(as.numeric(x)), n)
ends <- function(x, n) setNames(lapply(seq_along(n), function(i) numbers(x[i, ])), n)
rows <- function(x) lapply(seq_len(nrow(x)), function(i) numbers(x[i, ]))
expected <- function(x, design) {
  if (inherits(x, "svyciprop")) return(list(estimate = as.numeric(x), ci95 = numbers(attr(x, "ci"))))
  if (inherits(x, "newsvyquantile")) {
    table <- function(m) lapply(seq_len(nrow(m)), function(i) c(list(p = rownames(m)[i]), as.list(m[i, ])))
    return(setNames(lapply(unclass(x), table), names(x)))
  }
  if (inherits(x, "svyby")) {
    x <- as.data.frame(unclass(x)[names(x)], check.names = FALSE)
    x[] <- lapply(x, function(v) if (is.factor(v)) as.character(v) else v)
    return(lapply(seq_len(nrow(x)), function(i) as.list(x[i, ])))
  }
  if (inherits(x, c("svystat", "svrepstat", "svyratio"))) {
    n <- names(coef(x))
    if (inherits(x, "svyratio")) n <- rownames(x$ratio)
    if (inherits(x, "svyratio")) n <- paste0(n, "/", colnames(x$ratio))
    df <- degf(design)
    found <- list(estimate = by_name(coef(x), n), se = by_name(SE(x), n),
                  ci95_normal = ends(confint(x), n), degf = df, ci95_t = ends(confint(x, df = df), n))
    if (length(n) > 1 && !inherits(x, "svyratio")) found$vcov <- rows(as.matrix(vcov(x)))
    if (!is.null(attr(x, "deff"))) found$deff <- by_name(deff(x), n)
    return(found)
  }
  if (inherits(x, "svyglm")) {
    table <- coef(summary(x)); n <- rownames(table)
    return(list(coef = by_name(table[, 1], n), se = by_name(table[, 2], n), t = by_name(table[, 3], n),
                p_value = by_name(table[, 4], n), df_residual = x$df.residual))
  }
  if (inherits(x, "regTermTest"))
    return(list(Ftest = as.numeric(x$Ftest), df = x$df, ddf = x$ddf, p_value = as.numeric(x$p)))
  if (inherits(x, "htest"))
    return(list(statistic = as.list(x$statistic), parameter = as.list(x$parameter),
                p_value = as.numeric(x$p.value), estimate = if (!is.null(x$estimate)) as.list(x$estimate),
                conf_int = if (!is.null(x$conf.int)) numbers(x$conf.int)))
  if (is.matrix(x)) return(if (nrow(x) == ncol(x)) rows(x) else ends(x, rownames(x)))
  if (length(x) > 20) return(list(weights = numbers(x), sum = sum(x)))
  if (is.null(names(x))) as.numeric(x) else by_name(x, names(x))
}

# Answers ----
set.seed(1789)
N <- 600
frame <- data.frame(region = sample(c("north", "South", "east", "West"), N, TRUE, c(.4, .3, .2, .1)))
frame$people <- round(exp(rnorm(N, 9, 1)))
frame$urban <- ifelse(runif(N) < plogis(log(frame$people) - 9), "urban", "rural")
frame$score <- pmin(10, pmax(0, round(5 + rnorm(N, 0, 2) + (frame$urban == "urban"))))
frame$budget <- round(frame$people * rlnorm(N, 0, .4) * 3.7, 2)
frame$view <- sample(c("agree", "Neutral", "disagree", "don't know", NA), N, TRUE, c(3, 3, 2, 1, 1))
frame$has <- runif(N) < plogis(-.5 + .3 * (frame$score - 5))
frame$stage <- sample(c(0:4, NA), N, TRUE, c(rep(2, 5), 1))
frame$Nh <- ave(frame$score, frame$region, FUN = length)
drawn <- unlist(tapply(seq_len(N), frame$region, function(i) sample(i, c(16, 32, 24, 8)[match(frame$region[i[1]], c("east", "north", "South", "West"))])))
d <- frame[drawn, ]
d$w <- d$Nh / ave(d$score, d$region, FUN = length)
d$pair <- rep(1:10, each = 8) # ten strata of two clusters each, for balanced half-samples
d$half <- rep(rep(1:2, each = 4), 10)
for (r in 1:6) d[[paste0("rep", r)]] <- d$w * rpois(nrow(d), 1)
write.csv(d, "own.csv", row.names = FALSE, na = "")
d <- read.csv("own.csv", stringsAsFactors = TRUE, na.strings = "")

# Designs ----
count <- function(...) paste(c(...), collapse = ", ")
regions <- as.integer(table(frame$region)[c("east", "north", "South", "West")])
areas <- as.integer(table(frame$urban))
region_rows <- sprintf("data.frame(region = c('east', 'north', 'South', 'West'), Freq = c(%s))", count(regions))
urban_rows <- sprintf("data.frame(urban = c('rural', 'urban'), Freq = c(%s))", count(areas))
designs <- c(
  st = "svydesign(ids = ~1, strata = ~region, fpc = ~Nh, data = d)",
  un = "svydesign(ids = ~1, weights = ~w, data = d)",
  zero = "svydesign(ids = ~1, weights = ~rep1, data = d)",
  cl = "svydesign(id = ~half, strata = ~pair, weights = ~w, nest = TRUE, data = d)",
  linear = sprintf("calibrate(st, ~region + urban + people, c(%s))", count(N, regions[-1], areas[2], sum(frame$people))),
  raked = sprintf("calibrate(st, formula = list(~region, ~urban), population = list(%s, %s), calfun = 'raking', epsilon = 1e-12)", region_rows, urban_rows),
  bounded = sprintf("calibrate(un, ~urban + people, c(%s), bounds = c(lower = 0.4, upper = 2.2), epsilon = 1e-12, maxit = 200)", count(N, areas[2], sum(frame$people))),
  logit = sprintf("calibrate(st, ~urban + people, c(%s), calfun = cal.logit, bounds = c(0.4, 2.5), epsilon = 1e-12, maxit = 200)", count(N, areas[2], sum(frame$people))),
  post = sprintf("postStratify(st, ~urban, %s)", urban_rows),
  jkn = "as.svrepdesign(st, type = 'JKn')",
  jkn_mse = "as.svrepdesign(cl, mse = TRUE)",
  jkn_linear = sprintf("calibrate(jkn, ~region + urban, c(%s))", count(N, regions[-1], areas[2])),
  brr = "as.svrepdesign(cl, type = 'BRR')",
  fay = "as.svrepdesign(cl, type = 'Fay', fay.rho = 0.3)",
  boot = "svrepdesign(weights = ~w, repweights = 'rep[1-6]', type = 'bootstrap', mse = TRUE, data = d)",
  given = "svrepdesign(weights = ~w, repweights = 'rep[1-6]', type = 'other', scale = 0.2, rscales = c(1, 1, 1, 2, 2, 2), data = d)"
)
for (name in names(designs)) assign(name, suppressWarnings(eval(parse(text = designs[name]))))

# Cases: design, then call ----
calls <- list(
  c("st", "svymean(~score + budget + has, st, deff = 'replace')"),
  c("st", "svytotal(~interaction(region, urban), st)"),
  c("st", "svyby(~score, ~region + urban + has, st, svymean, vartype = 'ci')"),
  c("st", "svyby(~score + budget, ~urban, st, svymean, vartype = c('se', 'cvpct'))"),
  c("st", "svyby(~score, ~interaction(urban, has), st, svymean)"),
  c("st", "svyby(~budget, ~urban, denominator = ~people, design = st, svyratio)"),
  c("st", "svyby(~score, ~urban, st, svyquantile, quantiles = c(0.2, 0.8), ci = TRUE, vartype = 'ci')"),
  c("st", "svyquantile(~budget, st, c(0.05, 0.33, 0.95), df = Inf)"),
  c("st", "svychisq(~stage + urban, st, 'F')"),
  c("st", "svyttest(stage ~ urban, st)"),
  c("st", "svyglm(score ~ urban + offset(log(people)), st)"),
  c("st", "svyglm(score ~ (urban + has + region)^2, st)"),
  c("st", "regTermTest(svyglm(score ~ urban * region, st), ~urban:region)"),
  c("st", "svycontrast(svymean(~score + stage, st, na.rm = TRUE), list(a = c(score = 1, stage = 1), b = c(score = 1, stage = -1)))"),
  c("st", "confint(svymean(~score + has, st), df = degf(st), level = 0.9)"),
  c("st", "svymean(~cut(score, c(-1, 3, 6, 10)), st)"),
  c("un", "svyciprop(~I(view %in% c('agree', 'Neutral')), un, method = 'beta')"),
  c("un", "svyglm(view ~ score, un, family = quasibinomial(link = 'logit'))"),
  c("st", "svyglm(score ~ relevel(region, 'north') + has, st)"),
  c("zero", "svychisq(~view + has, zero)"),
  c("zero", "svychisq(~view + has, subset(zero, urban == 'urban'), statistic = 'Wald')"),
  c("zero", "svymean(~score, zero)"),
  c("cl", "svychisq(~view + has, cl, statistic = 'adjWald')"),
  c("cl", "svycontrast(svyby(~score, ~region, cl, svymean, covmat = TRUE), c(1, -1, 0, 0))"),
  c("linear", "svymean(~view, linear, na.rm = TRUE)"),
  c("linear", "svyby(~has, ~region, linear, svyciprop, vartype = 'ci', method = 'xlogit')"),
  c("linear", "svychisq(~has + view, subset(linear, score > 3))"),
  c("linear", "svyglm(score ~ has, subset(linear, region != 'West'))"),
  c("linear", "weights(trimWeights(linear, upper = 12, lower = 3))"),
  c("raked", "svyby(~view, ~urban + has, raked, svymean, na.rm = TRUE)"),
  c("raked", "svyratio(~budget, ~people, subset(raked, !has))"),
  c("raked", "svyquantile(~budget, subset(raked, has), c(.25, .75))"),
  c("bounded", "svytotal(~budget, bounded, deff = TRUE)"),
  c("bounded", "svychisq(~view + urban, bounded, statistic = 'Wald')"),
  c("logit", "svycontrast(svytotal(~budget + people + stage, logit, na.rm = TRUE), list(r = quote(budget / people), q = quote(sqrt(stage) * exp(-1))))"),
  c("logit", "svyglm(has ~ urban * score, logit, family = quasibinomial())"),
  c("post", "svyby(~stage, ~region, post, svymean, na.rm = TRUE)"),
  c("post", "svychisq(~has + region, post, statistic = 'Chisq')"),
  c("jkn", "svyglm(has ~ urban + score, jkn, family = quasibinomial)"),
  c("jkn", "svychisq(~view + urban, jkn, statistic = 'Wald')"),
  c("jkn_mse", "svymean(~score, subset(jkn_mse, urban == 'urban'))"),
  c("jkn_linear", "svytotal(~has, subset(jkn_linear, region %in% c('north', 'South') & !is.na(view)))"),
  c("brr", "svymean(~score + budget, brr)"),
  c("brr", "svyby(~score, ~urban + has, brr, svymean)"),
  c("fay", "svyratio(~budget, ~people, fay)"),
  c("fay", "svyquantile(~budget, fay, 0.4)"),
  c("boot", "svychisq(~has + region, boot, statistic = 'Chisq')"),
  c("boot", "svyciprop(~I(score >= 5 & urban == 'rural'), boot, method = 'xlogit')"),
  c("given", "svymean(~factor(stage), given, na.rm = TRUE, deff = TRUE)")
)
design_of <- function(call, design) { # a subset has its own degrees of freedom
  for (part in as.list(parse(text = call)[[1]])[-1])
    if (is.call(part) && as.character(part[[1]]) %in% c("subset", "trimWeights")) return(eval(part))
  get(design)
}
case <- function(i) {
  design <- calls[[i]][1]; call <- calls[[i]][2]
  value <- suppressWarnings(eval(parse(text = call)))
  list(id = sprintf("own-%02d", i), kind = sub("\\(.*", "", call), design = design, call = call,
       expect = expected(value, design_of(call, design)))
}
cases <- vapply(seq_along(calls), function(i) json(case(i)), "")
head <- json(list(dataset = "own.csv", n = nrow(d), designs = lapply(as.list(designs), function(x) list(call = x))))
writeLines(c(paste0(sub("\\}$", "", head), ", \"cases\": ["), paste(cases, collapse = ",\n"), "]}"), "own.json")
