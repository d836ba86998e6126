# Everybody in one mailbox for half a minute: smtp-stdio, procmail, maildrop, Dovecot's
# delivery agent and IMAP deliver, IMAP clients set flags and expunge, POP3 sessions of ours
# read and remove.  Each message is known by its subject, and its text by that, so that at the
# end it can be told what has become of each one.
use strict;
use warnings;
use lib 'tests/lib';
use Fcntl qw(O_APPEND O_CREAT O_WRONLY);
use POSIX qw(_exit);
use Test::More;
use Time::HiRes qw(time);
use Dovecot;
use PeerTest qw(deliver give_away mail_root run scratch_dir slurp spew stored unprivileged);
use StoreTest qw(ask lines pop3);

need_dovecot(procmail => 'procmail', maildrop => 'maildrop', setpriv => 'util-linux');

my $seconds = 30;
my $bob = 'bob@example.com';
my $dir = give_away(scratch_dir());
my $root = give_away(mail_root($bob));
my $maildir = "$root/mail/example.com/bob";
chmod 0711, $root =~ s{/[^/]*$}{}r;
my $dovecot = Dovecot->new(settings => <<"END");
mail_location = maildir:$root/mail/%d/%n
mail_uid = 65534
mail_gid = 65534
mail_max_userip_connections = 100
userdb {
	driver = static
}
passdb {
	driver = static
	args = password=secret
}
END

# What happens, a line each: all processes write to it, and some look into it.
my $events = "$dir/events";
sysopen my $log, $events, O_WRONLY | O_APPEND | O_CREAT, 0600 or die "$events: $!\n";

sub note_event
{
	syswrite $log, "@_\n";
}

# The events so far, by their kind and what they are about: { kind => { what => [more] } }.
sub events
{
	my %found;

	/^(\S+) (\S+)(?: (.*))?$/ and push @{ $found{$1}{$2} }, $3 // '' for split /\n/, slurp($events);
	return \%found;
}

sub text
{
	my ($subject) = @_;
	my ($number) = $subject =~ /(\d+)$/;
	return "From: anna\@example.org\nSubject: $subject\n\n" . ".$subject\n" x ($number * 37 % 300);
}

# The subject of a message, if all of its text is there; with CRLF or without.
sub subject_of
{
	my ($octets) = @_;
	$octets =~ s/\r\n/\n/g;
	my ($tail, $subject) = $octets =~ /^(From: anna\@example\.org\nSubject: (\S+)\n.*)\z/ms or return;
	return $tail eq text($subject) ? $subject : undef;
}

my %deliver = (
	smtp => sub { deliver($root, $bob, $_[0]); 1 },
	procmail => sub {
		my $rc = spew("$dir/procmailrc", "MAILDIR=$maildir\n:0\n$maildir/\n");
		(run([unprivileged(), 'procmail', '-p', '-m', $rc], input => $_[0]))[0] == 0;
	},
	maildrop => sub {
		my $filter = spew("$dir/mailfilter", "to \"$maildir\"\n");
		chmod 0600, $filter;
		give_away($filter);
		(run([unprivileged(), 'maildrop', $filter], input => $_[0], env => { HOME => $dir }))[0] == 0;
	},
	lda => sub { ($dovecot->deliver($bob, $_[0]))[0] == 0 },
	append => sub {
		my ($reply) = $dovecot->imap($bob, 'secret')->command('APPEND INBOX', $_[0] =~ s/\n/\r\n/gr);
		$reply =~ /^OK/;
	},
);

# Delivers while there is time, and not too many at once.
sub sender
{
	my ($name, $until) = @_;

	for (my $number = 1; time < $until; $number++) {
		select undef, undef, undef, 0.05 while stored($root, $bob) > 150 && time < $until;
		note_event(tried => "$name-$number");
		note_event(taken => "$name-$number") if $deliver{$name}->(text("$name-$number"));
	}
}

# What an IMAP client does with a mailbox that it has opened.
sub imap_steps
{
	my ($imap, $until) = @_;
	my $subjects = $imap->fetch('BODY.PEEK[HEADER.FIELDS (SUBJECT)]');
	my %subject = map { $subjects->{$_} =~ /^Subject: (\S+)/ ? ($_ => $1) : () } keys %$subjects;

	note_event(uid => $_, $subject{$_}) for keys %subject;
	for my $uid (keys %subject) {
		last if time > $until;
		my $flag = (qw(\Seen \Flagged \Answered))[rand 3];
		if (rand > 0.1) {
			$imap->command("UID STORE $uid " . (rand > 0.5 ? '+' : '-') . "FLAGS ($flag)");
			next;
		}
		note_event(expunged => $subject{$uid});
		$imap->command("UID STORE $uid +FLAGS (\\Deleted)");
		$imap->command("UID EXPUNGE $uid");
	}
}

sub imap_client
{
	my ($until) = @_;

	while (time < $until) {
		eval {
			my $imap = $dovecot->imap($bob, 'secret');
			$imap->command(rand > 0.2 ? 'SELECT INBOX' : 'EXAMINE INBOX');
			imap_steps($imap, $until);
		};
		# It may not be told of what has just gone
		note_event(imap => 'died', $@ =~ s/\s+/ /gr) if $@ && $@ !~ /UID FETCH: (?:NO|OK)|has gone/;
	}
}

# One POP3 session: reads all, removes some, and notes what is not as it has to be.
sub pop3_session
{
	my $before = events();
	my $client = pop3($root);
	ask($client, "USER $bob");
	my $reply = ask($client, 'PASS secret');
	return $reply =~ /IN-USE/ || note_event(wrong => 'login', $reply) if $reply !~ /^\+OK/;
	my %id = (lines($client, 'UIDL'))[1] =~ /^(\d+) (\S+)\r$/mg;
	my $then = events();
	my %listed = map { ($_ => 1) } values %id;
	for my $unique (keys %{ $before->{id} }) {
		my ($subject) = @{ $before->{id}{$unique} };
		note_event(wrong => 'unlisted', "$unique $subject")
			if !$listed{$unique} && !$then->{expunged}{$subject} && !$then->{removing}{$subject};
	}
	my @removing;
	for my $number (keys %id) {
		my ($first, $octets) = lines($client, "RETR $number");
		if ($first !~ /^\+OK/) {
			note_event(unread => $id{$number}, $first);
			next;
		}
		my $subject = subject_of($octets);
		note_event(wrong => 'text', $id{$number}), next if !$subject;
		note_event(id => $id{$number}, $subject);
		my $size = ask($client, "LIST $number");
		note_event(wrong => 'size', $id{$number}, $size) if $size ne "+OK $number " . length $octets;
		next if rand > 0.3;
		note_event(removing => $subject);
		push @removing, $subject;
		ask($client, "DELE $number");
	}
	$reply = ask($client, 'QUIT');
	return note_event(wrong => 'QUIT', $reply) if $reply !~ /^\+OK/;
	note_event(removed => $_) for @removing;
}

sub pop3_client
{
	my ($until) = @_;

	while (time < $until) {
		eval { pop3_session() };
		note_event(wrong => 'session', $@ =~ s/\s+/ /gr) if $@;
	}
}

my $until = time + $seconds;
my @children;
for my $work ((map { my $name = $_; sub { sender($name, $until) } } sort keys %deliver),
    (sub { imap_client($until) }) x 3, (sub { pop3_client($until) }) x 2) {
	my $pid = fork;
	die "fork: $!\n" if !defined $pid;
	if (!$pid) {
		srand $$;
		eval { $work->() };
		note_event(wrong => 'process', $@ =~ s/\s+/ /gr) if $@;
		kill 'KILL', $$;        # without the END blocks of the test
	}
	push @children, $pid;
}
waitpid $_, 0 for @children;

my $all = events();
my %count = map { my $kind = $_; ($kind => scalar keys %{ $all->{$kind} || {} }) } qw(taken removed expunged id uid);
diag("in $seconds seconds: ", join ', ', map { "$_ $count{$_}" } sort keys %count);
ok($count{$_} > 10, "something was $_") for qw(taken removed expunged);
is(join("\n", map { my $kind = $_; map { "$kind: $_" } @{ $all->{wrong}{$kind} } } keys %{ $all->{wrong} || {} }), '',
	'nothing went wrong in a POP3 session');
is(join("\n", map { @$_ } values %{ $all->{imap} || {} }), '', 'nor in one by IMAP');

# Unique-ids and UIDs: the same for ever
for my $kind ('id', 'uid') {
	my %of;
	my @changed = grep { my %subjects = map { ($_ => 1) } @{ $all->{$kind}{$_} }; keys %subjects > 1 } keys %{ $all->{$kind} };
	is("@changed", '', "each $kind is that of one message");        ## pop3-1939-7-c
	for my $name (keys %{ $all->{$kind} }) {
		$of{$_}{$name} = 1 for @{ $all->{$kind}{$name} };
	}
	is(join(' ', grep { keys %{ $of{$_} } > 1 } keys %of), '', "each message has one $kind");     ## pop3-1939-7-c pop3-store-h
}
my @unread = grep { my $subject = $all->{id}{$_} ? $all->{id}{$_}[0] : undef; defined $subject && !$all->{expunged}{$subject} }
	keys %{ $all->{unread} || {} };
is("@unread", '', 'only what was expunged could not be read');  ## pop3-store-c

my %left;
my @broken;
for my $path (stored($root, $bob)) {
	my $subject = subject_of(slurp($path));
	push @broken, $path if !defined $subject;
	$left{$subject // $path}++;
}
is("@broken", '', 'what is left is whole');
is(join(' ', grep { $left{$_} > 1 } sort keys %left), '', 'and there once');
is(join(' ', grep { $left{$_} } sort keys %{ $all->{removed} }), '', 'what POP3 has removed is gone'); ## pop3-1939-6-a
is(join(' ', grep { !$left{$_} && !$all->{removing}{$_} && !$all->{expunged}{$_} } sort keys %{ $all->{taken} }), '',
	'what was taken, and removed by nobody, is there');
is(join(' ', grep { !$all->{tried}{$_} } sort keys %left), '', 'and nothing else');
done_testing();
