# The store fails while chunks come: the chunk that meets it is refused, what follows is
# dropped until RSET, nothing of the message is seen or left, and the session goes on.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

# Two messages of three chunks, each of more than is written at once.
my @messages = map { my $message = $_; [ "Subject: message $message\n\n", map { "Part $_ of message $message.\n.\n" x 8000 } 1 .. 3 ] } 1, 2;
my @texts = map { join '', @$_ } @messages;
my @chunks = map { my @parts = @$_; [ map { MailRoot::crlf($_) } "$parts[0]$parts[1]", @parts[2, 3] ] } @messages;
my %refused;    # by number of the chunk

# Returns for each message the reply that decided on it, and what else was wrong.
sub send_chunks {
	my ($root, $before) = @_;
	my $client = Program->start(command => [ @$before, MailRoot::program('smtp-stdio'), '-d', $root, '-h', 'mail.example.org' ],
	    limit => 60);
	my @final = ('') x @chunks;
	my @odd;
	my $say = sub {
		my ($octets) = @_;
		$client->send($octets) if length $octets;
		my $reply = eval { $client->reply };
		return defined $reply ? $reply : '';
	};
	if ($say->('') =~ /^220 / && $say->("EHLO client.example\r\n") =~ /^250/) {
		for my $number (0 .. $#chunks) {
			my @replies = map { $say->("$_\r\n") } 'MAIL FROM:<sender@client.example>', 'RCPT TO:<user1@example.com>';
			if (grep { !/^250 / } @replies) {
				($final[$number]) = grep { !/^250 / } @replies;
				$say->("RSET\r\n");
				next;
			}
			my $failed;
			for my $chunk (0 .. 2) {
				my $octets = $chunks[$number][$chunk];
				my $reply = $say->('BDAT ' . length($octets) . ($chunk == 2 ? ' LAST' : '') . "\r\n$octets");
				if (defined $failed) {
					push @odd, "after chunk $failed that failed: $reply" unless $reply =~ /^(?:503 5\.5\.1 .*)?\z/;
				} else {
					$final[$number] = $reply;
					$failed = $chunk unless $reply =~ /^250 /;
				}
			}
			next unless defined $failed;
			my $reply = $say->("MAIL FROM:<sender\@client.example>\r\n");
			push @odd, "MAIL: $reply" unless $reply =~ ($failed == 2 ? qr/^(?:250 .*)?\z/ : qr/^(?:503 .*)?\z/);
			$reply = $say->("RSET\r\n");
			push @odd, "RSET: $reply" unless $reply =~ /^(?:250 .*)?\z/;
			$refused{$failed}++ if $final[$number] =~ /^4/;
		}
		$say->("QUIT\r\n");
	}
	eval { $client->rest };
	eval { $client->status } if !$@;
	$client->stop;
	return [ \@final, \@odd ];
}

sub fail_at {
	my ($fault, $code, @calls) = @_;
	my ($start, @accounts) = accounts_root(1, 1);
	%refused = ();
	my $faults = each_fault(
		root => $start, calls => \@calls, fault => "error=$fault",
		session => sub {
			my ($root, @before) = @_;
			return send_chunks($root, \@before);
		},
		judge => sub {
			my ($root, $name, $result) = @_;
			my ($final, $odd) = @$result;
			judge_delivery($root, \@accounts, \@texts, $final, stale => scalar($name =~ /unlink/));  ## smtp-3030-2-g smtp-5321-4.2.5-b
			ok(!@$odd, 'what follows is dropped until RSET') or diag join "\n", @$odd;      ## smtp-3030-2-g smtp-3030-2-b
			my @bad = grep { !/^250 / } @$final;
			return if grep { $_ eq '' } @bad;       # the connection itself failed
			cmp_ok(scalar @bad, '<=', 1, 'one call has failed, and at most one message') or diag "@bad";
			like($bad[0], qr/^$code /, "the reply is $code") if @bad;                       ## smtp-5321-4.3.2-451 smtp-5321-4.3.2-452
		});
	cmp_ok($faults, '>=', scalar @calls, "$faults calls failed");
	return map { $refused{$_} || 0 } 0 .. 2;
}

my @by_chunk = fail_at('ENOSPC', '452 4\.3\.1', 'write');
cmp_ok($by_chunk[$_], '>', 0, "a disk that is full in chunk $_ refuses that chunk") for 0 .. 2;                ## smtp-5321-4.3.2-452 smtp-3030-2-b
@by_chunk = fail_at('EIO', '451 4\.3\.0', qw(write fsync linkat renameat2));
cmp_ok($by_chunk[$_], '>', 0, "a disk that fails in chunk $_ refuses that chunk") for 0 .. 2;                  ## smtp-5321-4.3.2-451 smtp-3030-2-b
@by_chunk = fail_at('EACCES', '451 4\.3\.0', 'openat');
is($by_chunk[1], 0, 'a message begins with its first chunk and is delivered with its last, in between nothing is opened');
cmp_ok($by_chunk[0], '>', 0, 'what cannot begin is refused with the first chunk'); ## smtp-5321-4.3.2-451
done_testing();
