# Sessions that are under way when the file system of the mail root gets into trouble, and
# when it gets out of it again.
package DiskTrouble;

use strict;
use warnings;
use Exporter qw(import);
use FaultTest;
use FileSystem;
use MailRoot qw(messages program);
use StoreTest;
use Test::More;

our @EXPORT = qw(in_trouble in_trouble_of_each_kind fill_up make_room);

my @ACCOUNTS = ('bob@example.com', 'ann@example.com');
my ($AWAY, $FAR) = ('away@example.com', 'far@elsewhere.example');      # who is forwarded, and where
my @RECIPIENTS = (@ACCOUNTS, $AWAY);
my @PLACES = (@ACCOUNTS, $FAR);
my $LATE = qr/^-ERR \[SYS\/TEMP\] /;

# What must hold when a file system gets into trouble and out of it.  Named arguments:
#   cause, cure     subs: what does the one and the other
#   reply           how SMTP refuses a message meanwhile
#   all             true: nothing at all can be written; else a small file may find room
#   no_lock         true: no POP3 session may be under way, for it keeps a file open for writing
sub in_trouble {
	my ($name, $file_system, %with) = @_;
	subtest $name => sub {
		my $root = $file_system->path . '/root' . ++$file_system->{roots};
		add($root, $_, 'secret') for @RECIPIENTS;
		is((mailstore($root, '', 'forward', $AWAY, $FAR))[0], 0, 'somebody is elsewhere');
		my @texts = map { "Subject: $_\n\n" . "message $_\n" x 30_000 } 0 .. 5;
		my @final = send_messages($root, [], \@RECIPIENTS, $texts[0]);
		my ($smtp) = smtp_client($root);
		my ($lmtp) = smtp_client($root, flags => [ '-l' ]);
		my $pop3 = $with{no_lock} ? undef : logged_in($root, $ACCOUNTS[1], 'secret');

		$with{cause}->();
		push @final, send_one($smtp, \@RECIPIENTS, $texts[1]);
		like($final[1], $with{reply}, 'SMTP refuses a message for now');       ## smtp-5321-4.3.2-452 smtp-5321-4.3.2-451
		my @replies = send_one($lmtp, \@RECIPIENTS, $texts[2], 1);
		is(scalar(grep { $_ =~ $with{reply} } @replies), @RECIPIENTS, 'and LMTP for each recipient') or diag @replies;
		push @final, $replies[0];
		judge_delivery($root, \@PLACES, \@texts, [ @final, ('450') x 3 ]);    ## smtp-5321-4.2.5-b smtp-stdio-store-c
		delete_one($pop3, $root, $texts[0]) if $pop3;
		log_in_meanwhile($root);
		my @to_do = mailstore_meanwhile($root, $with{all});

		$with{cure}->();
		push @final, send_one($smtp, \@RECIPIENTS, $texts[3]), (send_one($lmtp, \@RECIPIENTS, $texts[4], 1))[2];
		is(scalar(grep { /^250 / } @final[3, 4]), 2, 'then both sessions take mail') or diag @final[3, 4];
		push @final, '450';
		for my $client ($smtp, $lmtp) {
			like(say_to($client, "QUIT\r\n"), qr/^221 /, 'and end well');
			is($client->status, 0, 'with status 0');
		}
		$final[0] = '' if $pop3;
		judge_delivery($root, \@PLACES, \@texts, \@final);
		is((mailstore($root, @$_))[0], 0, "mailstore $_->[1] works again") for @to_do;
		remove_all($root);
	};
}

# A session that was logged in before: it reads, and either removes or says that it cannot.
sub delete_one {
	my ($client, $root, $text) = @_;
	like((lines($client, 'RETR 1'))[1], qr/\Q${\ MailRoot::crlf($text)}\E\z/, 'POP3 reads');
	like(ask($client, 'DELE 1'), qr/^\+OK/, 'and marks');
	my $reply = ask($client, 'QUIT');
	my $left = messages($root, $ACCOUNTS[1]);
	ok($reply =~ /^\+OK/ ? $left == 0 : $reply =~ $LATE && $left == 1,
	    "at QUIT it removes, or says that it cannot: $reply") or diag "$left messages";  ## pop3-1939-6-a
	$client->status;
}

# A new session reads and leaves, or is told to come again.
sub log_in_meanwhile {
	my ($root) = @_;
	my $client = pop3($root);
	ask($client, "USER $ACCOUNTS[0]");
	my $reply = ask($client, 'PASS secret');
	ok($reply =~ /^\+OK/ || $reply =~ $LATE, "POP3 lets in, or says that it is a matter of time: $reply");
	like(ask($client, 'STAT'), qr/^\+OK 1 /, 'who is in sees the message') if $reply =~ /^\+OK/;
	like(ask($client, 'QUIT'), qr/^\+OK/, 'and leaves');
	$client->status;
}

# Each command has done what it was for or has changed nothing.  Returns what is to be given
# again: array of [ standard input, argument ... ].
sub mailstore_meanwhile {
	my ($root, $all) = @_;
	my @again;
	for ([ "new\n", 'add', 'new@example.com' ], [ "other\n", 'passwd', $ACCOUNTS[0] ],
	    [ '', 'forward', $ACCOUNTS[0], 'bob@example.com' ], [ '', 'quota', $ACCOUNTS[0], '1g' ]) {
		my ($status, undef, $said) = mailstore($root, @$_);
		like($status, $all ? qr/^75\z/ : qr/^(?:0|75)\z/, "mailstore $_->[1] ends with $status: $said");
		push @again, $_ if $status ne '0';
	}
	my %failed = map { $_->[1] => 1 } @again;
	ok(!$failed{add} == !!-d "$root/accounts/example.com/new", 'the account is there if that was said');
	my ($said) = pop3_session($root, "USER $ACCOUNTS[0]\r\nPASS " . ($failed{passwd} ? 'secret' : 'other') . "\r\nQUIT\r\n");
	like($said, qr/^\+OK(?:[^\n]*\n\+OK){3}|^-ERR \[SYS\/TEMP\] /m, 'the password is the one that it is said to be');
	is((mailstore($root, '', 'forward', $ACCOUNTS[0]))[1], $failed{forward} ? '' : "bob\@example.com\n", 'so is the forward');
	is((mailstore($root, '', 'quota', $ACCOUNTS[0]))[1], $failed{quota} ? '' : "1073741824\n", 'and the quota');
	return @again;
}

# The last thing that can go wrong: there is room for what is removed.
sub remove_all {
	my ($root) = @_;
	is((mailstore($root, '', 'remove', '-f', $_))[0], 0, "$_ can be removed") for @RECIPIENTS;
}

# Disks that are full and read-only, as far as each kind of file system can be that.
sub in_trouble_of_each_kind {
	my ($disk) = @_;
	my $kind = $disk->kind;
	my %full = (reply => qr/^452 4\.3\.1 /, cure => sub { make_room($disk) });
	in_trouble("$kind, full", $disk, %full, cause => sub { fill_up($disk) });
	in_trouble("$kind, full of files", $disk, %full, cause => sub { fill_with_files($disk) }, all => 1)
	    if $kind =~ /^(?:ext4|tmpfs)\z/;   # the others have room for files as long as they have any
	in_trouble("$kind, read-only", $disk, reply => qr/^451 4\.3\.0 /, all => 1, no_lock => 1,
	    cause => sub { $disk->remount('ro') }, cure => sub { $disk->remount('rw') });
}

# Fills a file system, with octets or with empty files, beside the mail root.
sub fill_up {
	my ($file_system) = @_;
	my $path = $file_system->path;
	system('/bin/sh', '-c', 'for block in 1048576 4096 512; do' .
	    ' dd if=/dev/zero bs=$block conv=fsync of="$1/filler.$block" 2>"$1.errors"; done; sync -f "$1"', 'sh', $path);
}

sub fill_with_files {
	my ($file_system) = @_;
	my $directory = $file_system->path . '/fillers';
	mkdir $directory or die "$directory: $!\n";
	for my $number (1 .. 1e6) {
		open my $file, '>', "$directory/$number" or last;
	}
}

sub make_room {
	my ($file_system) = @_;
	system('/bin/sh', '-c', 'rm -r "$1"/filler*; sync -f "$1"', 'sh', $file_system->path) == 0 or die "rm: $?\n";
}

1;
