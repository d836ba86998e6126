# Replies to MAIL, RCPT and RSET wait until the input is used up, so that a batch costs one
# write; others go out at once.  Over a socket of records each write is seen by itself.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my $root = new_root('bob@example.com');

# Sends a batch in one piece and returns the first digits of the replies, a write a string.
sub writes {
	my ($batch, $replies) = @_;
	my $client = start('smtp-stdio', $root, [], wire => 'records');
	$client->piece;
	$client->ask('HELO client.example');
	$client->send($batch);
	my @writes;
	while ($replies > 0) {
		my $piece = $client->piece;
		last if $piece eq '';
		my @codes = $piece =~ /^(\d{3}) /mg;
		push @writes, "@codes";
		$replies -= @codes;
	}
	return \@writes;
}

my $envelope = "MAIL FROM:<sender\@client.example>\r\nRCPT TO:<bob\@example.com>\r\nRCPT TO:<bob\@example.com>\r\n";

is_deeply(writes($envelope, 3), [ '250 250 250' ], 'MAIL and RCPT: one write for the batch'); ## smtp-2920-3.2-c
is_deeply(writes("RSET\r\n${envelope}DATA\r\n", 5), [ '250 250 250 250 354' ], 'up to DATA'); ## smtp-2920-3.2-c
is_deeply(writes("${envelope}RSET\r\nNOO", 4), [ '250 250 250 250' ],
    'they go out when only a part of a command is left'); ## smtp-2920-3.2-c
is_deeply(writes("NOOP\r\nNOOP\r\n", 2), [ '250', '250' ], 'the reply to NOOP does not wait'); ## smtp-2920-3.2-c
is_deeply(writes("VRFY x\r\nRSET\r\n", 2), [ '252', '250' ], 'nor that to VRFY'); ## smtp-2920-3.2-c
is_deeply(writes("EXPN x\r\nRSET\r\n", 2), [ '502', '250' ], 'nor that to EXPN'); ## smtp-2920-3.2-c
is_deeply(writes("FOO\r\nRSET\r\n", 2), [ '500', '250' ], 'nor that to an unknown verb'); ## smtp-2920-3.2-c
is_deeply(writes("HELO x\r\nRSET\r\n", 2), [ '250', '250' ], 'nor that to HELO'); ## smtp-2920-3.2-c
is_deeply(writes("DATA\r\nRSET\r\n", 2), [ '503', '250' ], 'nor a refusal of DATA'); ## smtp-2920-3.2-c
is_deeply(writes("AUTH NONE\r\nRSET\r\n", 2), [ '504', '250' ], 'nor that to AUTH'); ## smtp-2920-3.2-c
is_deeply(writes("STARTTLS\r\nRSET\r\n", 2), [ '502', '250' ], 'nor that to STARTTLS'); ## smtp-2920-3.2-c
is_deeply(writes("${envelope}QUIT\r\n", 4), [ '250 250 250 221' ], 'QUIT takes with it what was held back'); ## smtp-2920-3.2-c
is_deeply(writes("NOOP\r\nquit\r\n", 2), [ '250 221' ], 'so does one that is there already with what would not wait');
is_deeply(writes("NOOP\r\nQUIT now\r\n", 2), [ '250', '501' ], 'but no other command');

done_testing;
