CREATE TABLE `cases` (
  `case_id` VARCHAR(400) NOT NULL PRIMARY KEY,
  `person_id` VARCHAR(400),
  `birth_date` DATE,
  `sex` VARCHAR(40) CHECK (`sex` IN ('female', 'male')),
  `citizenship` VARCHAR(400),
  `stage` VARCHAR(40) CHECK (`stage` IN ('investigation', 'trial', 'serving', 'served')),
  `holder` VARCHAR(400),
  `punishment` VARCHAR(40) CHECK (`punishment` IN (
    'imprisonment',
    'life_imprisonment',
    'disciplinary_unit',
    'restriction_of_liberty',
    'correctional_works',
    'public_works',
    'military_restriction',
    'fine',
    'loss_of_post'
  )),
  `suspended` TINYINT,
  `deferred` TINYINT,
  `foreign_judgment` TINYINT,
  `institution_type` VARCHAR(40) CHECK (`institution_type` IN ('settlement', 'general', 'strict', 'special', 'prison')),
  `term_months` INT,
  `term_days` INT,
  `term_start` DATE,
  `term_end` DATE,
  `credit_days` INT,
  `judgment_date` DATE,
  `first_conviction` TINYINT,
  `recidivism` VARCHAR(40) CHECK (`recidivism` IN ('none', 'simple', 'dangerous', 'especially_dangerous'))
);
CREATE TABLE `offences` (
  `case_id` VARCHAR(400) NOT NULL,
  `article` VARCHAR(400),
  `committed_on` DATE,
  `guilt` VARCHAR(40) CHECK (`guilt` IN ('intent', 'negligence')),
  `form` VARCHAR(40) CHECK (`form` IN ('completed', 'attempt', 'preparation'))
);

WITH `register` AS (
  SELECT
    `c`.`case_id` AS `case_id`,
    `c`.`sex` AS `sex`,
    `c`.`stage` AS `stage`,
    `c`.`punishment` AS `punishment`,
    `c`.`term_months` AS `term_months`,
    `c`.`term_days` AS `term_days`,
    `c`.`term_start` AS `term_start`,
    `c`.`term_end` AS `term_end`,
    `c`.`credit_days` AS `credit_days`,
    `n`.`offence_count` AS `offence_count`
  FROM `cases` AS c
  LEFT JOIN (
    SELECT
      `case_id`,
      COUNT(*) AS `offence_count`
    FROM `offences`
    GROUP BY
      `case_id`
  ) AS n
    ON (
      `n`.`case_id` = `c`.`case_id`
    )
), `terms` AS (
  SELECT
    `r`.`case_id` AS `case_id`,
    `r`.`sex` AS `sex`,
    `r`.`stage` AS `stage`,
    `r`.`punishment` AS `punishment`,
    `r`.`term_months` AS `term_months`,
    `r`.`term_days` AS `term_days`,
    `r`.`term_start` AS `term_start`,
    `r`.`term_end` AS `term_end`,
    `r`.`credit_days` AS `credit_days`,
    `r`.`offence_count` AS `offence_count`,
    CASE
      WHEN (
        (
          `r`.`term_months` IS NULL
        ) AND (
          `r`.`term_days` IS NULL
        )
      )
      THEN NULL
      ELSE (
        (
          CASE WHEN (
            `r`.`term_months` IS NULL
          ) THEN 0 ELSE `r`.`term_months` END * 30
        ) + CASE WHEN (
          `r`.`term_days` IS NULL
        ) THEN 0 ELSE `r`.`term_days` END
      )
    END AS `term`,
    CASE
      WHEN (
        (
          (
            `r`.`term_months` IS NULL
          ) AND (
            `r`.`term_days` IS NULL
          )
        )
        OR (
          `r`.`term_start` IS NULL
        )
        OR (
          `r`.`credit_days` IS NULL
        )
        OR (
          `r`.`punishment` IS NULL
        )
        OR (
          CASE
            WHEN (
              `r`.`punishment` = 'imprisonment'
            )
            THEN 1
            WHEN (
              `r`.`punishment` = 'disciplinary_unit'
            )
            THEN 1
            WHEN (
              `r`.`punishment` = 'restriction_of_liberty'
            )
            THEN 2
            WHEN (
              `r`.`punishment` = 'correctional_works'
            )
            THEN 4
            WHEN (
              `r`.`punishment` = 'military_restriction'
            )
            THEN 4
            ELSE 0
          END = 0
        )
      )
      THEN NULL
      ELSE DATE_ADD(
        CAST(CAST((
          (
            (
              (
                LEAST(
                  GREATEST(
                    (
                      (
                        (
                          (
                            CAST(EXTRACT(YEAR FROM LEAST(GREATEST(`r`.`term_start`, CAST('1850-01-01' AS DATE)), CAST('2250-12-31' AS DATE))) AS SIGNED) * 12
                          ) + CAST(EXTRACT(MONTH FROM LEAST(GREATEST(`r`.`term_start`, CAST('1850-01-01' AS DATE)), CAST('2250-12-31' AS DATE))) AS SIGNED)
                        ) - 1
                      ) + CASE WHEN (
                        `r`.`term_months` IS NULL
                      ) THEN 0 ELSE `r`.`term_months` END
                    ),
                    22200
                  ),
                  27011
                ) DIV 12
              ) * 10000
            ) + (
              (
                (
                  LEAST(
                    GREATEST(
                      (
                        (
                          (
                            (
                              CAST(EXTRACT(YEAR FROM LEAST(GREATEST(`r`.`term_start`, CAST('1850-01-01' AS DATE)), CAST('2250-12-31' AS DATE))) AS SIGNED) * 12
                            ) + CAST(EXTRACT(MONTH FROM LEAST(GREATEST(`r`.`term_start`, CAST('1850-01-01' AS DATE)), CAST('2250-12-31' AS DATE))) AS SIGNED)
                          ) - 1
                        ) + CASE WHEN (
                          `r`.`term_months` IS NULL
                        ) THEN 0 ELSE `r`.`term_months` END
                      ),
                      22200
                    ),
                    27011
                  ) % 12
                ) + 1
              ) * 100
            )
          ) + LEAST(
            CAST(EXTRACT(DAY FROM LEAST(GREATEST(`r`.`term_start`, CAST('1850-01-01' AS DATE)), CAST('2250-12-31' AS DATE))) AS SIGNED),
            CASE
              WHEN (
                (
                  (
                    (
                      LEAST(
                        GREATEST(
                          (
                            (
                              (
                                (
                                  CAST(EXTRACT(YEAR FROM LEAST(GREATEST(`r`.`term_start`, CAST('1850-01-01' AS DATE)), CAST('2250-12-31' AS DATE))) AS SIGNED) * 12
                                ) + CAST(EXTRACT(MONTH FROM LEAST(GREATEST(`r`.`term_start`, CAST('1850-01-01' AS DATE)), CAST('2250-12-31' AS DATE))) AS SIGNED)
                              ) - 1
                            ) + CASE WHEN (
                              `r`.`term_months` IS NULL
                            ) THEN 0 ELSE `r`.`term_months` END
                          ),
                          22200
                        ),
                        27011
                      ) % 12
                    ) + 1
                  ) = 2
                )
                AND (
                  (
                    (
                      (
                        (
                          LEAST(
                            GREATEST(
                              (
                                (
                                  (
                                    (
                                      CAST(EXTRACT(YEAR FROM LEAST(GREATEST(`r`.`term_start`, CAST('1850-01-01' AS DATE)), CAST('2250-12-31' AS DATE))) AS SIGNED) * 12
                                    ) + CAST(EXTRACT(MONTH FROM LEAST(GREATEST(`r`.`term_start`, CAST('1850-01-01' AS DATE)), CAST('2250-12-31' AS DATE))) AS SIGNED)
                                  ) - 1
                                ) + CASE WHEN (
                                  `r`.`term_months` IS NULL
                                ) THEN 0 ELSE `r`.`term_months` END
                              ),
                              22200
                            ),
                            27011
                          ) DIV 12
                        ) % 4
                      ) = 0
                    )
                    AND (
                      NOT (
                        (
                          (
                            LEAST(
                              GREATEST(
                                (
                                  (
                                    (
                                      (
                                        CAST(EXTRACT(YEAR FROM LEAST(GREATEST(`r`.`term_start`, CAST('1850-01-01' AS DATE)), CAST('2250-12-31' AS DATE))) AS SIGNED) * 12
                                      ) + CAST(EXTRACT(MONTH FROM LEAST(GREATEST(`r`.`term_start`, CAST('1850-01-01' AS DATE)), CAST('2250-12-31' AS DATE))) AS SIGNED)
                                    ) - 1
                                  ) + CASE WHEN (
                                    `r`.`term_months` IS NULL
                                  ) THEN 0 ELSE `r`.`term_months` END
                                ),
                                22200
                              ),
                              27011
                            ) DIV 12
                          ) % 100
                        ) = 0
                      )
                    )
                  )
                  OR (
                    (
                      (
                        LEAST(
                          GREATEST(
                            (
                              (
                                (
                                  (
                                    CAST(EXTRACT(YEAR FROM LEAST(GREATEST(`r`.`term_start`, CAST('1850-01-01' AS DATE)), CAST('2250-12-31' AS DATE))) AS SIGNED) * 12
                                  ) + CAST(EXTRACT(MONTH FROM LEAST(GREATEST(`r`.`term_start`, CAST('1850-01-01' AS DATE)), CAST('2250-12-31' AS DATE))) AS SIGNED)
                                ) - 1
                              ) + CASE WHEN (
                                `r`.`term_months` IS NULL
                              ) THEN 0 ELSE `r`.`term_months` END
                            ),
                            22200
                          ),
                          27011
                        ) DIV 12
                      ) % 400
                    ) = 0
                  )
                )
              )
              THEN 29
              WHEN (
                (
                  (
                    LEAST(
                      GREATEST(
                        (
                          (
                            (
                              (
                                CAST(EXTRACT(YEAR FROM LEAST(GREATEST(`r`.`term_start`, CAST('1850-01-01' AS DATE)), CAST('2250-12-31' AS DATE))) AS SIGNED) * 12
                              ) + CAST(EXTRACT(MONTH FROM LEAST(GREATEST(`r`.`term_start`, CAST('1850-01-01' AS DATE)), CAST('2250-12-31' AS DATE))) AS SIGNED)
                            ) - 1
                          ) + CASE WHEN (
                            `r`.`term_months` IS NULL
                          ) THEN 0 ELSE `r`.`term_months` END
                        ),
                        22200
                      ),
                      27011
                    ) % 12
                  ) + 1
                ) = 2
              )
              THEN 28
              WHEN (
                (
                  (
                    LEAST(
                      GREATEST(
                        (
                          (
                            (
                              (
                                CAST(EXTRACT(YEAR FROM LEAST(GREATEST(`r`.`term_start`, CAST('1850-01-01' AS DATE)), CAST('2250-12-31' AS DATE))) AS SIGNED) * 12
                              ) + CAST(EXTRACT(MONTH FROM LEAST(GREATEST(`r`.`term_start`, CAST('1850-01-01' AS DATE)), CAST('2250-12-31' AS DATE))) AS SIGNED)
                            ) - 1
                          ) + CASE WHEN (
                            `r`.`term_months` IS NULL
                          ) THEN 0 ELSE `r`.`term_months` END
                        ),
                        22200
                      ),
                      27011
                    ) % 12
                  ) + 1
                ) IN (4, 6, 9, 11)
              )
              THEN 30
              ELSE 31
            END
          )
        ) AS CHAR) AS DATE),
        INTERVAL (CAST((
          CASE WHEN (
            `r`.`term_days` IS NULL
          ) THEN 0 ELSE `r`.`term_days` END - (
            `r`.`credit_days` * CASE
              WHEN (
                `r`.`punishment` = 'imprisonment'
              )
              THEN 1
              WHEN (
                `r`.`punishment` = 'disciplinary_unit'
              )
              THEN 1
              WHEN (
                `r`.`punishment` = 'restriction_of_liberty'
              )
              THEN 2
              WHEN (
                `r`.`punishment` = 'correctional_works'
              )
              THEN 4
              WHEN (
                `r`.`punishment` = 'military_restriction'
              )
              THEN 4
              ELSE 0
            END
          )
        ) AS SIGNED)) DAY
      )
    END AS `computed_end`
  FROM `register` AS r
), `ended` AS (
  SELECT
    `t`.`case_id` AS `case_id`,
    `t`.`sex` AS `sex`,
    `t`.`stage` AS `stage`,
    `t`.`punishment` AS `punishment`,
    `t`.`term_months` AS `term_months`,
    `t`.`term_days` AS `term_days`,
    `t`.`term_start` AS `term_start`,
    `t`.`credit_days` AS `credit_days`,
    `t`.`offence_count` AS `offence_count`,
    `t`.`term` AS `term`,
    CASE
      WHEN (
        (
          NOT `t`.`term_end` IS NULL
        )
        AND (
          NOT `t`.`computed_end` IS NULL
        )
        AND (
          `t`.`term_end` <> `t`.`computed_end`
        )
      )
      THEN NULL
      WHEN (
        `t`.`term_end` IS NULL
      )
      THEN `t`.`computed_end`
      ELSE `t`.`term_end`
    END AS `term_end`,
    CASE
      WHEN (
        (
          NOT `t`.`term_end` IS NULL
        )
        AND (
          NOT `t`.`computed_end` IS NULL
        )
        AND (
          `t`.`term_end` <> `t`.`computed_end`
        )
      )
      THEN `t`.`term_end`
      ELSE NULL
    END AS `given_end`,
    CASE
      WHEN (
        (
          NOT `t`.`term_end` IS NULL
        )
        AND (
          NOT `t`.`computed_end` IS NULL
        )
        AND (
          `t`.`term_end` <> `t`.`computed_end`
        )
      )
      THEN `t`.`computed_end`
      ELSE NULL
    END AS `other_end`
  FROM `terms` AS t
), `cases_read` AS (
  SELECT
    `e`.`case_id` AS `case_id`,
    `e`.`sex` AS `sex`,
    `e`.`stage` AS `stage`,
    `e`.`punishment` AS `punishment`,
    `e`.`term_months` AS `term_months`,
    `e`.`term_days` AS `term_days`,
    `e`.`term_start` AS `term_start`,
    `e`.`credit_days` AS `credit_days`,
    `e`.`offence_count` AS `offence_count`,
    `e`.`term` AS `term`,
    `e`.`term_end` AS `term_end`,
    `e`.`given_end` AS `given_end`,
    `e`.`other_end` AS `other_end`,
    CASE WHEN (
      (
        1 > 20000
      )
    ) THEN 0 ELSE 1 END AS `room`
  FROM `ended` AS e
), `worlds` AS (
  SELECT
    `r`.`case_id` AS `case_id`,
    `r`.`room` AS `room`,
    `r`.`sex` AS `sex`,
    `r`.`stage` AS `stage`,
    `r`.`offence_count` AS `offence_count`,
    '' AS `world`
  FROM `cases_read` AS r
), `plain parts` AS (
  SELECT DISTINCT
    `w`.`case_id` AS `case_id`,
    `w`.`room` AS `room`,
    LEAST(
      CASE
        WHEN (
          (
            `w`.`stage` IS NULL
          )
        )
        THEN 1
        WHEN (
          `w`.`stage` = 'serving'
        )
        THEN 2
        ELSE 0
      END,
      CASE
        WHEN (
          (
            `w`.`sex` IS NULL
          )
        )
        THEN 1
        WHEN (
          `w`.`sex` = 'female'
        )
        THEN 2
        ELSE 0
      END
    ) AS `plain 0`
  FROM `worlds` AS w
), `clauses` AS (
  SELECT DISTINCT
    `v`.`case_id` AS `case_id`,
    `v`.`room` AS `room`,
    `v`.`plain 0` AS `own women.release`
  FROM `plain parts` AS v
), `grants` AS (
  SELECT
    `k`.`case_id` AS `case_id`,
    `k`.`room` AS `room`,
    `k`.`own women.release` AS `own women.release`,
    `k`.`own women.release` AS `grant women.release`
  FROM `clauses` AS k
), `settled` AS (
  SELECT
    `g`.`case_id` AS `case_id`,
    MIN(`g`.`room`) AS `room`,
    MIN(`g`.`own women.release`) AS `least own women.release`,
    MIN(`g`.`grant women.release`) AS `least women.release`,
    MAX(`g`.`grant women.release`) AS `most women.release`,
    MIN(`g`.`grant women.release`) AS `certain 0`,
    MAX(`g`.`grant women.release`) AS `possible`
  FROM `grants` AS g
  GROUP BY
    `g`.`case_id`
), `answered` AS (
  SELECT
    `s`.`case_id` AS `case_id`,
    CASE WHEN (
      `s`.`room` = 1
    ) THEN 1 ELSE 0 END AS `settled`,
    CASE
      WHEN (
        `s`.`room` = 1
      )
      THEN CASE
        WHEN (
          `s`.`certain 0` = 2
        )
        THEN 'granted'
        WHEN (
          `s`.`possible` > 0
        )
        THEN 'undetermined'
        ELSE 'not_covered'
      END
      ELSE NULL
    END AS `outcome`,
    CASE
      WHEN (
        `s`.`room` = 1
      )
      THEN CASE
        WHEN (
          (
            `s`.`certain 0` = 2
          ) AND (
            `s`.`least women.release` = 2
          )
        )
        THEN 'release'
        WHEN (
          (
            `s`.`certain 0` = 2
          ) AND (
            `s`.`most women.release` > 0
          )
        )
        THEN 'release'
        ELSE NULL
      END
      ELSE NULL
    END AS `relief`,
    CASE
      WHEN (
        `s`.`room` = 1
      )
      THEN CASE
        WHEN (
          (
            `s`.`certain 0` = 2
          ) AND (
            `s`.`least women.release` = 2
          )
        )
        THEN 'women.release'
        WHEN (
          (
            `s`.`certain 0` = 2
          ) AND (
            `s`.`most women.release` > 0
          )
        )
        THEN 'women.release'
        ELSE NULL
      END
      ELSE NULL
    END AS `grant`,
    CASE
      WHEN (
        `s`.`room` = 1
      )
      THEN SUBSTRING(
        (
          CASE WHEN (
            `s`.`least women.release` = 2
          ) THEN '; women.release' ELSE '' END
        ),
        3,
        4000
      )
      ELSE NULL
    END AS `grants`,
    CASE
      WHEN (
        `s`.`room` = 1
      )
      THEN SUBSTRING(
        (
          CASE
            WHEN (
              (
                `s`.`least women.release` < 2
              ) AND (
                `s`.`most women.release` > 0
              )
            )
            THEN '; women.release'
            ELSE ''
          END
        ),
        3,
        4000
      )
      ELSE NULL
    END AS `grants_unknown`,
    CASE WHEN (
      `s`.`room` = 1
    ) THEN '' ELSE NULL END AS `exclusions`,
    CASE WHEN (
      `s`.`room` = 1
    ) THEN '' ELSE NULL END AS `reservations`
  FROM `settled` AS s
)
SELECT
  `a`.`case_id` AS `case_id`,
  `a`.`settled` AS `settled`,
  `a`.`outcome` AS `outcome`,
  `a`.`relief` AS `relief`,
  `a`.`grant` AS `grant`,
  `a`.`grants` AS `grants`,
  `a`.`grants_unknown` AS `grants_unknown`,
  `a`.`exclusions` AS `exclusions`,
  `a`.`reservations` AS `reservations`,
  `r`.`term_end` AS `term_end_before`,
  CASE
    WHEN (
      (
        (
          `a`.`settled` = 1
        ) AND (
          NOT `r`.`term_end` IS NULL
        )
      )
      AND (
        `a`.`outcome` = 'granted'
      )
    )
    THEN CASE
      WHEN (
        `a`.`grant` = 'women.release'
      )
      THEN LEAST(`r`.`term_end`, CAST('2025-12-20' AS DATE))
      ELSE NULL
    END
    ELSE NULL
  END AS `term_end_after`,
  DATEDIFF(
    `r`.`term_end`,
    CASE
      WHEN (
        (
          (
            `a`.`settled` = 1
          ) AND (
            NOT `r`.`term_end` IS NULL
          )
        )
        AND (
          `a`.`outcome` = 'granted'
        )
      )
      THEN CASE
        WHEN (
          `a`.`grant` = 'women.release'
        )
        THEN LEAST(`r`.`term_end`, CAST('2025-12-20' AS DATE))
        ELSE NULL
      END
      ELSE NULL
    END
  ) AS `days_remitted`
FROM `answered` AS a
JOIN `cases_read` AS r
  ON (
    `r`.`case_id` = `a`.`case_id`
  )
