package org.ioasis.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class SmmuV3StartTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(SmmuV3Start.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void listen() {
    logger.setLevel(Level.INFO);
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void leave() {
    logger.detachAppender(log);
  }

  @Test
  void saysOnceThatItIsThere() {
    SmmuV3Start start = new SmmuV3Start();
    assertThat(log.list).hasSize(1);
    assertThat(log.list.get(0).getLevel()).isEqualTo(Level.INFO);
    assertThat(log.list.get(0).getFormattedMessage()).contains("hardware factory");
    start.stop();
    assertThat(log.list).hasSize(2);
    assertThat(log.list.get(1).getFormattedMessage()).isEqualTo("smmuv3: stopped");
  }
}
