# Power cuts while everything is at work on a mail root: senders by SMTP and LMTP, with
# one recipient and three, known ones and new ones, and one of another host; readers that delete; and somebody who
# makes, changes and removes accounts.  Each writes down what it is going to do and what it
# was then told, where no power is lost.  After the cut the file system is mounted again,
# and what is there is compared with that.
package PowerCut;

use strict;
use warnings;
use Exporter qw(import);
use FaultTest;
use IO::Handle;
use MailRoot qw(contents crlf dot_stuffed);
use MailTest ();
use POSIX ();
use PowerCutJudge;
use StoreTest;
use Test::More;
use Time::HiRes qw(time);

our @EXPORT = qw(power_cuts);

my @USERS = map { "user$_\@example.com" } 1 .. 6;
my ($AWAY, $FAR) = ('away@example.com', 'far@elsewhere.example');      # who is forwarded, and where
my @MANAGED = map { "managed$_\@example.net" } 1 .. 3;
my $SECONDS_MAX = 0.6;          # from the start of the work to the cut
my $ANSWERS_MAX = 8;            # to one worker until then, where it is what the cut waits for
my %WORK = (
	smtp => sub { send_mail($_[0]) },
	lmtp => sub { send_mail($_[0], '-l') },
	making => sub { send_mail($_[0], '-c') },
	pop3 => \&remove_mail,
	settings => \&change_accounts,
);
my @ALL = sort keys %WORK;
my @MAIL = grep { $_ ne 'settings' } @ALL;      # of these there may be several at once
my @ALONE = (@ALL, 'settings');                 # where nobody else's sync makes up for a missing one

# So many cuts on a FileSystem (or what CUTS in the environment says), then work without a
# cut.  What is done, and when it ends, follows from a number, SEED in the environment, as
# far as processes that are at work at the same time let it.  Returns an object for
# all_is_in_order().
sub power_cuts {
	my ($file_system, $cuts) = @_;
	$cuts = $ENV{CUTS} if $ENV{CUTS};
	my $seed = defined $ENV{SEED} ? $ENV{SEED} : int rand 1e6;
	srand $seed;
	my $self = bless { seed => $seed, file_system => $file_system, root => $file_system->path . '/root' }, __PACKAGE__;
	add($self->{root}, $_, 'secret') for @USERS;
	add($self->{root}, $AWAY);
	is((mailstore($self->{root}, '', 'forward', $AWAY, $FAR))[0], 0, 'somebody is elsewhere');
	$self->{judge} = PowerCutJudge->new($self->{root}, \@USERS, \@MANAGED);
	$self->one_cut($_) for 1 .. $cuts;
	$self->without_cut($cuts + 1);
	return $self;
}

# What `mailstore check` says about it; this takes some seconds.
sub all_is_in_order {
	my ($self) = @_;
	subtest $self->{file_system}->kind . ', checked' => sub { $self->{judge}->all_is_in_order };
}

sub one_cut {
	my ($self, $number) = @_;
	my @work = $number % 2 ? (@ALL, map { $MAIL[rand @MAIL] } 1 .. rand 4)
	    : $ALONE[($self->{seed} + $number / 2) % @ALONE];
	my $seconds = rand $SECONDS_MAX;
	my $cutter = @work == 1 || rand() < 0.5 ? int rand @work : undef;
	my $answers = 1 + int rand $ANSWERS_MAX;
	my $when = defined $cutter ? "after $answers answers to $work[$cutter]" : sprintf 'after %.3f s', $seconds;
	subtest $self->{file_system}->kind . ", seed $self->{seed}, cut $number, $when, of " . join(' ', @work) => sub {
		$self->begin_round($number);
		$self->begin_work(\@work, $cutter, $answers);
		my $end = time + (defined $cutter ? 3 : $seconds);
		MailTest::wait_until { time > $end || -e "$self->{work}/cut" } 60;
		$self->cut;
		MailTest::wait_until { -e "$self->{work}/cut" } 60;
		$self->end_work;
		$self->{file_system}->restore_power;
		$self->{judge}->judge($self->events);
		$self->{judge}->all_works;
	};
}

# After all cuts: everything is taken, and an orderly end loses nothing.
sub without_cut {
	my ($self, $number) = @_;
	subtest $self->{file_system}->kind . ', without a cut' => sub {
		$self->begin_round($number);
		$self->begin_work([ @ALL ]);
		MailTest::wait_until { -s "$self->{work}/0" } 60;
		my $end = time + $SECONDS_MAX;
		MailTest::wait_until { time > $end } 60;
		$self->end_work;
		$self->{file_system}->unmount;
		$self->{file_system}->mount or die "mount: $?\n";
		$self->{judge}->judge($self->events);
		$self->{judge}->all_works;
	};
}

# The workers -----------------------------------------------------------------------

# A domain without any account, for those that -c makes, and nothing that waits to be written.
sub begin_round {
	my ($self, $number) = @_;
	$self->{number} = $number;
	$self->{work} = new_root();
	mkdir $self->{work} or die "$self->{work}: $!\n";
	$self->{new_domain} = "new$number.example";
	mkdir "$self->{root}/accounts/$self->{new_domain}", 0700 or die "mkdir: $!\n";
	system('sync', '-f', $self->{root}) == 0 or die "sync: $?\n";
}

# The power is cut, once; what had been written down before is told from what came after.
sub cut {
	my ($self) = @_;
	mkdir "$self->{work}/claimed" or return;
	my @sizes = map { -s "$self->{work}/$_" || 0 } 0 .. $self->{workers} - 1;
	$self->{file_system}->cut_power;
	open my $file, '>', "$self->{work}/cutting" or die "cutting: $!\n";
	print $file "@sizes\n";
	close $file and rename "$self->{work}/cutting", "$self->{work}/cut" or die "cut: $!\n";
}

# Starts a process for each; the one with the number $cutter cuts the power itself, at once
# after so many good answers.
sub begin_work {
	my ($self, $work, $cutter, $answers) = @_;
	$self->{workers} = @$work;
	for my $number (0 .. $#$work) {
		my $pid = fork;
		die "fork: $!\n" unless defined $pid;
		$self->{processes}{$pid} = 1, next if $pid;
		$SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
		alarm 120;
		srand $self->{seed} + 1000 * $self->{number} + $number;
		open $self->{log}, '>', "$self->{work}/$number" or POSIX::_exit(1);
		$self->{log}->autoflush(1);
		$self->{name} = "$self->{number}-$number";
		$self->{answers} = $answers if defined $cutter && $cutter == $number;
		while (!$self->is_over) {
			eval { $WORK{$work->[$number]}->($self); 1 } or $self->note_down('failed', $@ =~ s/\s+/ /gr);
			delete($self->{client})->stop if $self->{client};
		}
		POSIX::_exit(0);
	}
}

sub end_work {
	my ($self) = @_;
	open my $file, '>', "$self->{work}/over" or die "over: $!\n";
	close $file;
	my $all = MailTest::wait_until {
		waitpid($_, POSIX::WNOHANG()) == $_ && delete $self->{processes}{$_} for keys %{$self->{processes}};
		return !%{$self->{processes}};
	} 100;
	ok($all, 'everybody comes to an end');
}

sub is_over {
	my ($self) = @_;
	return -e "$self->{work}/over";
}

sub note_down {
	my ($self, @words) = @_;
	print { $self->{log} } "@words\n";
}

# The same of a good answer, after which the power may be cut.
sub note_answer {
	my ($self, @words) = @_;
	$self->note_down(@words);
	$self->cut if defined $self->{answers} && --$self->{answers} == 0;
}

# What all of them have written down, in order for each: [ whether before the cut, words ].
# What a program says after it binds nobody: there would be no machine any more to say it.
sub events {
	my ($self) = @_;
	my @sizes = -e "$self->{work}/cut" ? split ' ', contents("$self->{work}/cut") : ();
	my @events;
	for my $number (0 .. $self->{workers} - 1) {
		my $at = 0;
		for my $line (split /^/, contents("$self->{work}/$number")) {
			$at += length $line;
			push @events, [ !@sizes || $at <= $sizes[$number], split ' ', $line ];
		}
	}
	return @events;
}

# Dies where the reply is another one.
sub want {
	my ($self, $like, $octets) = @_;
	$self->{client}->send($octets) if defined $octets;
	my $reply = $self->{client}->reply;
	die "$reply\n" unless $reply =~ $like;
}

# One session of a few messages.
sub send_mail {
	my ($self, @flags) = @_;
	my $lmtp = "@flags" eq '-l';
	($self->{client}, my $good) = smtp_client($self->{root}, flags => \@flags);
	die "no session\n" unless $good;
	for (1 .. 1 + rand 5) {
		last if $self->is_over;
		my $lines = 1 + int rand(rand() < 0.1 ? 20_000 : 50);
		my $id = join '.', $self->{name}, ++$self->{count}, $lines;
		my %accounts = map { ($AWAY, @USERS)[rand 1 + @USERS] => 1 } 1 .. (rand() < 0.5 ? 1 : 3);
		my @accounts = sort keys %accounts;
		@accounts = map { "$id.$_\@$self->{new_domain}" } 0 .. $#accounts if "@flags" eq '-c';
		my @places = map { $_ eq $AWAY ? $FAR : $_ } @accounts;
		$self->note_down('sends', $id, @places);
		$self->want(qr/^250/, "MAIL FROM:<sender\@client.example>\r\n");
		$self->want(qr/^250/, "RCPT TO:<$_>\r\n") for @accounts;
		$self->want(qr/^354/, "DATA\r\n");
		$self->{client}->send(dot_stuffed(crlf(PowerCutJudge::message_text($id))) . ".\r\n");
		for (!$lmtp ? [ @places ] : map { [ $_ ] } @places) {
			$self->want(qr/^250/);
			$self->note_answer('sent', $id, @$_);
		}
	}
	$self->want(qr/^221/, "QUIT\r\n");
}

# One session that reads some messages, and removes them.
sub remove_mail {
	my ($self) = @_;
	my $account = $USERS[rand @USERS];
	$self->{client} = pop3($self->{root}, limit => 60);
	for ("USER $account", 'PASS secret') {
		my $reply = ask($self->{client}, $_);
		return if $reply =~ /\[IN-USE\]/;
		die "$reply\n" unless $reply =~ /^\+OK/;
	}
	my ($count) = ask($self->{client}, 'STAT') =~ /^\+OK (\d+)/ or die "no count\n";
	my @ids;
	for my $number (1 .. $count) {
		next if rand() < 0.4;
		my ($first, $text) = lines($self->{client}, "RETR $number");
		die "RETR: $first\n" unless $first =~ /^\+OK/ && defined $text;
		my $id = PowerCutJudge::whole_message($text =~ s/\r\n/\n/gr);
		$self->note_down('wrong', $account, $number) unless defined $id;
		push @ids, $id if ask($self->{client}, "DELE $number") =~ /^\+OK/;
		last if @ids == 10;
	}
	$self->note_down('marks', $account, @ids);
	my $reply = ask($self->{client}, 'QUIT');
	die "$reply\n" unless $reply =~ /^\+OK/;
	$self->note_answer('removed', $account, @ids) if @ids;
}

# One change to one account.  What an account is stands in four words: whether it is, its
# password, its forward, its quota.
sub change_accounts {
	my ($self) = @_;
	my $account = $MANAGED[rand @MANAGED];
	my $unique = join '.', $self->{name}, ++$self->{count};
	$self->{accounts} ||= { %{$self->{judge}{accounts}} };
	my ($is, @has) = @{$self->{accounts}{$account}};
	my ($kind) = $is eq 'none' ? 'add' : qw(passwd forward forward quota quota remove)[rand 6];
	my ($input, @arguments) = ('');
	if ($kind eq 'remove') {
		($is, @has) = ('none', '-', '-', '-');
		@arguments = ('-f', $account);
	} elsif ($kind eq 'forward' || $kind eq 'quota') {
		my $which = $kind eq 'quota' ? 2 : 1;
		my $remove = $has[$which] ne '-' && rand() < 0.5;
		$has[$which] = $remove ? '-' : $kind eq 'quota' ? 1 + int rand 1e9 : "$unique\@example.com";
		@arguments = $remove ? ('-r', $account) : ($account, $has[$which]);
	} else {
		($is, $has[0]) = ('there', $unique);
		$input = "$unique\n";
		@arguments = ($account);
	}
	$self->note_down('changes', $account, $is, @has);
	my ($status, undef, $said) = mailstore($self->{root}, $input, $kind, @arguments);
	die "$kind $account: $status $said\n" if $status ne '0';
	$self->{accounts}{$account} = [ $is, @has ];
	$self->note_answer('changed', $account, $is, @has);
}

1;
