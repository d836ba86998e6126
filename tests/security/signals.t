# Signals at any moment, one or a storm of them, to all processes of a session: what was
# answered with 250 is there and whole, what is there was sent, nothing is left behind but by
# those that end a process at once, and of marked messages all are removed or none.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Time::HiRes qw(time usleep);

# A sanitizer that looks for leaks at the end stops at signals of its own
need_plain_build();

my $bob = 'bob@example.com';
my @asked = qw(TERM INT HUP);
my @ending = qw(QUIT USR1);
my @harmless = qw(ALRM CHLD WINCH CONT URG PIPE);
my $each = 2;
my $body = ('x' x 70 . "\r\n") x 50;
my $stored = $body =~ s/\r//gr;

# A child that sends a signal to a group of processes, after so many microseconds, so often.
sub in_a_while {
	my ($group, $signal, $microseconds, $times) = @_;
	my $pid = fork;
	die "fork: $!\n" unless defined $pid;
	if (!$pid) {
		$SIG{$_} = 'DEFAULT' for qw(TERM INT HUP PIPE);
		usleep($microseconds);
		for (1 .. $times) {
			kill $signal, -$group;
			usleep(50);
		}
		kill 'KILL', $$;
	}
	return $pid;
}

srand 1;
for my $signal (@asked, @ending, @harmless, 'a storm') {
	my ($sent, $promised, $there, $half, $left, @statuses) = (0, 0, 0, 0, 0);
	for my $round (1 .. $each * ($signal eq 'a storm' ? 2 : 1)) {
		my $root = new_root($bob);
		my $client = start('smtp-stdio', $root, [], wire => 'socket', group => 1, limit => 60);
		$client->reply;
		$client->ask('EHLO x');
		my @senders = $signal eq 'a storm' ? map { in_a_while($client->{pid}, $_, rand 3000, 300) } @harmless, $round % 2 ? 'TERM' : ()
		    : in_a_while($client->{pid}, $signal, rand 30_000, 1);
		for (1 .. 25) {
			my $text = "Subject: $_\r\n\r\n" . $body;
			$sent++;
			last unless $client->send("MAIL FROM:<a\@example.org>\r\nRCPT TO:<$bob>\r\nBDAT " . length($text) . " LAST\r\n$text");
			my @replies = map { my $reply = eval { $client->reply }; defined $reply ? $reply : '' } 1 .. 3;
			$promised++ if $replies[2] =~ /^250 2\.0\.0/;
			last unless $replies[2] =~ /^250/;
		}
		eval { $client->ask('QUIT') };
		push @statuses, $client->status;
		waitpid $_, 0 for @senders;
		for (messages($root, $bob)) {
			$there++;
			$half++ unless contents($_) =~ /\nSubject: \d+\n\n(.*)\z/s && $1 eq $stored;
		}
		$left += () = glob "$root/mail/.incoming/*";
	}
	my $rounds = @statuses;
	cmp_ok($there, '>=', $promised, "$signal: of $sent messages, $promised were promised, $there are there");
	cmp_ok($there, '<=', $promised + $rounds, "$signal: but for the one that was being answered they are those");
	is($half, 0, "$signal: all of them whole");
	my $may_end = grep({ $_ eq $signal } @ending) ? qr/^signal / : grep({ $_ eq $signal } @asked) || $signal eq 'a storm' ? qr/^(?:75|0)\z/ : qr/^0\z/;
	is(join(' ', grep { $_ !~ $may_end && $_ ne '0' } @statuses), '', "$signal: @statuses");
	is($left, 0, "$signal: nothing is left in .incoming") unless grep { $_ eq $signal } @ending;
}

# POP3: marks, and a signal about the moment of QUIT.
for my $signal (@asked, @ending, @harmless) {
	my (@wrong, @statuses);
	for (1 .. $each) {
		my $root = new_root([ $bob, 'secret' ]);
		my $new = "$root/mail/example.com/bob/new";
		system 'mkdir', '-p', $new;
		for my $n (1 .. 60) {
			open my $file, '>', "$new/17000000$n.x$n.host" or die "$new: $!\n";
			print $file "Subject: $n\n\n$n\n";
		}
		my $client = start('pop3-stdio', $root, [ '-p' ], wire => 'socket', group => 1, limit => 60);
		$client->line;
		$client->ask($_) for "USER $bob", 'PASS secret';
		$client->send(join '', map { "DELE $_\r\n" } 1 .. 60);
		$client->line for 1 .. 60;
		my $sender = in_a_while($client->{pid}, $signal, rand 2000, 1);
		$client->send("QUIT\r\n");
		my $reply = eval { $client->rest } // '';
		push @statuses, $client->status;
		waitpid $sender, 0;
		my $there = messages($root, $bob);
		push @wrong, "+OK, and $there left" if $reply =~ /^\+OK/ && $there;
		push @wrong, "nothing said, asked to end, and $there left" if $statuses[-1] eq '75' && $reply !~ /^-ERR/ && $there != 60 && $there != 0;
	}
	is("@wrong", '', "$signal and QUIT: what is said is so (@statuses)");
}

done_testing;
