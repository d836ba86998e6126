# A system call fails while a message is delivered and its report written: the reply says
# 451 or 452, nothing of either is in a mailbox or left over, and the session goes on to
# deliver the next message, with its report.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use MailRoot qw(messages program);
use Report;
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my @mailboxes = ('ann@example.com', 'bob@example.com', 'eve@example.com');
my @texts = map { "Subject: message $_\n\n" . "The $_. message.\n.\n" x 300 } 1, 2;

# An account whose password takes few rounds to check: many sessions are to come.
my $start = new_root();
add($start, $_) for @mailboxes;
my ($status, undef, $error) = mailstore($start, "secret\n", 'passwd', '-i', 4096, 'eve@example.com');
is($status, 0, 'a password') or diag $error;

# Two messages to two mailboxes and one that is not there.  Returns the final replies.
sub send_both {
	my ($root, $recipients, @before) = @_;
	my $client = Program->start(command => [ @before, program('smtp-stdio'), '-d', $root, '-h', 'mail.example.org', '-b', '-p' ],
	    limit => 60);
	my @final = ('', '');
	my $say = sub {
		my ($octets) = @_;
		$client->send($octets) if length $octets;
		my $reply = eval { $client->reply };
		return defined $reply ? $reply : '';
	};
	if ($say->('') =~ /^220 / && $say->("EHLO client.example\r\n") =~ /^250/
	    && $say->("AUTH PLAIN AGV2ZUBleGFtcGxlLmNvbQBzZWNyZXQ=\r\n") =~ /^235 /) {
		for my $number (0, 1) {
			my @replies = map { $say->("$_\r\n") } 'MAIL FROM:<eve@example.com>', map { "RCPT TO:$_" } @$recipients;
			push @replies, $say->("DATA\r\n") unless grep { !/^2/ } @replies;
			if (my ($refused) = grep { !/^[23]/ } @replies) {
				$final[$number] = $refused;
				$say->("RSET\r\n");
				next;
			}
			$final[$number] = $say->(MailRoot::dot_stuffed(MailRoot::crlf($texts[$number])) . ".\r\n");
		}
		$say->("QUIT\r\n");
	}
	$client->close_input;
	eval { $client->rest };
	eval { $client->status } if !$@;
	$client->stop;
	return @final;
}

# What was acknowledged is in each mailbox once and whole, and its report too; what was
# refused is nowhere.  Without a reply it may be either.
sub judge {
	my ($root, $recipients, $final, $may_be_left) = @_;
	my (%found, @wrong);
	for my $mailbox (@mailboxes) {
		for my $path (messages($root, $mailbox)) {
			my $stored = octets_of($path);
			my ($number) = grep { index($stored, $texts[$_]) >= 0 || $stored =~ /\nSubject: message @{[$_ + 1]}\n/ } 0, 1;
			my $what = $mailbox eq 'eve@example.com' ? 'report' : $mailbox;
			push @wrong, "$path is neither message" unless defined $number;
			push @wrong, "$path is not whole: $@" if $what eq 'report' ? !eval { parse_report($stored) }
			    : $stored !~ /\AReturn-Path: <eve\@example\.com>\nReceived: (?:[^\n]*\n\t)*[^\n]*\n\Q$texts[$number]\E\z/;
			my ($disk, $wire) = $path =~ m{/new/\d+\.[^/,:]+,S=(\d+),W=(\d+)\z};
			push @wrong, "$path has wrong sizes"
			    unless defined $disk && $disk == length $stored && $wire == length MailRoot::crlf($stored);
			$found{$what}[$number]++;
		}
	}
	for my $number (0, 1) {
		my $reply = $final->[$number];
		for my $what ('report', map { /<((?:ann|bob)@[^>]*)>/ } @$recipients) {
			my $count = $found{$what}[$number] || 0;
			my $good = $reply =~ /^2/ ? $count == 1 : $reply =~ /^[45]/ ? $count == 0 : $count <= 1;
			push @wrong, "message $number, answered '$reply': $what $count times" unless $good;
		}
	}
	ok(!@wrong, 'all or nothing, message and report, as the reply said') or diag join "\n", @wrong; ## smtp-5321-4.2.5-a smtp-5321-4.2.5-b smtp-5321-4.4-partial
	my @stale = grep { m{^mail/\.incoming/.} || m{/tmp/[^.]} } entries($root);
	cmp_ok(scalar @stale, '<=', $may_be_left ? 1 : 0, 'nothing is left over') or diag join "\n", @stale; ## smtp-stdio-store-c
}

sub fail_at {
	my ($recipients, $fault, $code, @calls) = @_;
	my $refused = 0;
	my $faults = each_fault(
		root => $start, calls => \@calls, fault => "error=$fault",
		session => sub {
			my ($root, @before) = @_;
			return [ send_both($root, $recipients, @before) ];
		},
		judge => sub {
			my ($root, $name, $final) = @_;
			judge($root, $recipients, $final, $name =~ /unlink/);
			my @bad = grep { !/^250 / } @$final;
			return if grep { $_ eq '' } @bad;       # the connection, or the login, failed
			cmp_ok(scalar @bad, '<=', 1, 'one call has failed, and at most one message') or diag "@bad";
			return unless @bad;
			$refused++;
			like($bad[0], qr/^$code /, "the reply is $code");        ## smtp-5321-4.3.2-451 smtp-5321-4.3.2-452
		});
	cmp_ok($faults, '>=', scalar @calls, "$faults calls failed, $refused messages were refused for it");
	return $refused;
}

my @all = ('<ann@example.com>', '<nobody@example.com>', '<bob@example.com>');
cmp_ok(fail_at(\@all, 'EIO', '451 4\.3\.0', qw(write fsync linkat pread64)), '>', 6, 'EIO is told as 451');
cmp_ok(fail_at(\@all, 'ENOSPC', '452 4\.3\.1', qw(write fsync linkat mkdirat)), '>', 6, 'ENOSPC is told as 452');
cmp_ok(fail_at([ '<nobody@example.com>' ], 'EIO', '451 4\.3\.0', qw(write fsync linkat unlinkat)), '>', 3, 'a report alone: EIO');
cmp_ok(fail_at([ '<ann@example.com> NOTIFY=SUCCESS' ], 'EDQUOT', '452 4\.3\.1', qw(write fsync linkat)), '>', 4, 'a report of success: EDQUOT');
done_testing();
