package dev.wherry.api.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          * * * * *               | 2026-01-01T00:00:30Z | 2026-01-01T00:01:00Z
          * * * * *               | 2026-01-01T00:01:00Z | 2026-01-01T00:02:00Z
          */15 * * * *            | 2026-01-01T00:16:00Z | 2026-01-01T00:30:00Z
          5 4 * * *               | 2026-01-01T05:00:00Z | 2026-01-02T04:05:00Z
          0 22 * * 1-5            | 2026-01-02T23:00:00Z | 2026-01-05T22:00:00Z
          0 0 13 * FRI            | 2026-01-01T12:00:00Z | 2026-01-02T00:00:00Z
          0 0 29 2 *              | 2026-01-01T00:00:00Z | 2028-02-29T00:00:00Z
          0 9-17/4 ? JAN,jul sun  | 2026-01-04T10:00:00Z | 2026-01-04T13:00:00Z
          0 0 * * 0               | 2026-01-01T00:00:00Z | 2026-01-04T00:00:00Z
          @hourly                 | 2026-01-01T00:00:00Z | 2026-01-01T01:00:00Z
          @weekly                 | 2026-01-01T00:00:00Z | 2026-01-04T00:00:00Z
          @yearly                 | 2026-01-01T00:00:00Z | 2027-01-01T00:00:00Z
          @every 1h30m            | 2026-01-01T00:00:00Z | 2026-01-01T01:30:00Z
          TZ=Asia/Tokyo 0 9 * * * | 2026-01-01T00:00:00Z | 2026-01-02T00:00:00Z
          CRON_TZ=Europe/Berlin 30 2 * * * | 2026-03-28T12:00:00Z | 2026-03-30T00:30:00Z
          CRON_TZ=Europe/Berlin 30 2 * * * | 2026-10-24T12:00:00Z | 2026-10-25T00:30:00Z
          CRON_TZ=Europe/Berlin 30 2 * * * | 2026-10-25T00:30:00Z | 2026-10-25T01:30:00Z
          CRON_TZ=Europe/Berlin 30 2 * * * | 2026-10-25T01:30:00Z | 2026-10-26T01:30:00Z
          CRON_TZ=Europe/Berlin 0 * * * *  | 2026-10-25T00:00:00Z | 2026-10-25T01:00:00Z
          CRON_TZ=Europe/Berlin * * * * *  | 2026-10-25T00:59:00Z | 2026-10-25T01:00:00Z
          CRON_TZ=Europe/Berlin * * * * *  | 2026-10-25T01:59:00Z | 2026-10-25T02:00:00Z
          CRON_TZ=Europe/Berlin 0 * * * *  | 2026-03-29T00:00:00Z | 2026-03-29T01:00:00Z
          CRON_TZ=Europe/Berlin 45 2 * * * | 2026-10-25T00:10:00Z | 2026-10-25T00:45:00Z
          CRON_TZ=America/Havana 15 0 * * * | 2026-11-01T04:15:00Z | 2026-11-01T05:15:00Z
          CRON_TZ=America/Havana 0 0 * * * | 2026-03-08T04:00:00Z | 2026-03-09T04:00:00Z
          """)
  void saysWhenItIsDueNext(String schedule, Instant after, Instant next) {
    assertThat(Schedule.parse(schedule, ZoneId.of("UTC")).after(after)).contains(next);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "* * * *",
        "60 * * * *",
        "* * 0 * *",
        "* * * 13 *",
        "5-1 * * * *",
        "*/0 * * * *",
        "@often",
        "@every x",
        "a * * * *",
        "TZ=Nowhere/Else * * * * *",
        "* * * * 7"
      })
  void refusesWhatIsNone(String schedule) {
    assertThatThrownBy(() -> Schedule.parse(schedule, ZoneId.of("UTC")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          60 * * * *    | end of range (60) above maximum (59): 60
          * * 0 * *     | beginning of range (0) below minimum (1): 0
          5-1 * * * *   | beginning of range (5) beyond end of range (1): 5-1
          */0 * * * *   | step of range should be a positive number: */0
          1/2/3 * * * * | too many slashes: 1/2/3
          * * *         | expected exactly 5 fields, found 3: [* * *]
          @often        | unrecognized descriptor: @often
          a * * * *     | failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax
          99999999999 * * * * | failed to parse int from 99999999999: strconv.Atoi: parsing "99999999999": value out of range
          TZ=No/Where * * * * * | provided bad location No/Where: unknown time zone No/Where
          """)
  void saysWhatIsWrong(String schedule, String fault) {
    assertThatThrownBy(() -> Schedule.parse(schedule, ZoneId.of("UTC"))).hasMessage(fault);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Nowhere", "+01:00", "UTC+1", "GMT+2", "Z", "europe/berlin"})
  void knowsNoZonesButThoseOfIana(String zone) {
    assertThatThrownBy(() -> Schedule.zone(zone)).hasMessage("unknown time zone " + zone);
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTC", "GMT", "Europe/Berlin", "Etc/GMT+2"})
  void knowsTheZonesOfIana(String zone) {
    assertThat(Schedule.zone(zone).getId()).isEqualTo(zone);
  }

  @org.junit.jupiter.api.Test
  void neverComesOnTheThirtiethOfFebruary() {
    assertThat(Schedule.parse("0 0 30 2 *", ZoneId.of("UTC")).after(Instant.EPOCH)).isEmpty();
  }
}
